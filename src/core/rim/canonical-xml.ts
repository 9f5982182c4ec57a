// The one spelling of an XML tree that signatures are made over: inclusive and exclusive canonical XML, without comments.
// [XML-C14N] [XML-EXC-C14N]
import { encodeUtf8 } from '../encoding/index.ts';
import { xmlNamespace, type XmlAttribute, type XmlElement } from './xml.ts';

export type Canonicalisation = 'inclusive' | 'exclusive';

export interface CanonicalOptions {
  readonly mode: Canonicalisation;
  /** An element that is left out wherever it stands: the enveloped signature. */
  readonly without?: XmlElement;
  /** Ancestors of `element`, outermost first: their `xml:` attributes reach it when it is taken by itself. [XML-C14N §2.4] */
  readonly ancestors?: readonly XmlElement[];
}

/** The canonical bytes of an element and all that it holds. */
export function canonicalXml(element: XmlElement, options: CanonicalOptions): Uint8Array {
  const inherited = options.mode === 'inclusive' ? inheritedAttributes(element, options.ancestors ?? []) : [];
  return encodeUtf8(writeElement(element, options, new Map([['', '']]), inherited));
}

/** `rendered`: the namespaces that are written already, by an element around this one. */
function writeElement(
  element: XmlElement,
  options: CanonicalOptions,
  rendered: ReadonlyMap<string, string>,
  inherited: readonly XmlAttribute[] = [],
): string {
  const declared = namespacesOf(element, options.mode).filter(([prefix, uri]) => rendered.get(prefix) !== uri);
  const namespaces = declared.map(
    ([prefix, uri]) => ` xmlns${prefix === '' ? '' : `:${prefix}`}="${escapeValue(uri)}"`,
  );
  const attributes = [...element.attributes, ...inherited]
    .toSorted((left, right) => compare(left.namespace, right.namespace) || compare(left.local, right.local))
    .map(({ name, value }) => ` ${name}="${escapeValue(value)}"`);
  const inside = new Map([...rendered, ...declared]);
  const children = element.children.map((child) => {
    if (child.kind === 'text') return escapeText(child.text);
    return child === options.without ? '' : writeElement(child, options, inside);
  });
  return `<${element.name}${namespaces.join('')}${attributes.join('')}>${children.join('')}</${element.name}>`;
}

/** Those that may have to be written, by prefix: all in scope, or only those that the element itself uses. */
function namespacesOf({ scope, prefix, attributes }: XmlElement, mode: Canonicalisation): readonly [string, string][] {
  const used = new Set([prefix, ...attributes.map((attribute) => attribute.prefix).filter((each) => each !== '')]);
  return [...scope]
    .filter(([each]) => each !== 'xml' && (mode === 'inclusive' || used.has(each)))
    .toSorted(([left], [right]) => compare(left, right));
}

function inheritedAttributes(element: XmlElement, ancestors: readonly XmlElement[]): readonly XmlAttribute[] {
  const found = new Map<string, XmlAttribute>();
  for (const { attributes } of [...ancestors, element]) {
    for (const attribute of attributes.filter(({ namespace }) => namespace === xmlNamespace)) {
      found.set(attribute.local, attribute);
    }
  }
  return [...found.values()].filter((attribute) => !element.attributes.includes(attribute));
}

/** By code points, as the specification orders; names are ASCII, and namespaces compare as their UTF-8 would. */
function compare(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left, 'utf8'), Buffer.from(right, 'utf8'));
}

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};

function escapeText(text: string): string {
  return text.replace(/[&<>\r]/g, (character) => references[character] ?? character);
}

function escapeValue(value: string): string {
  return value.replace(/[&<"\t\n\r]/g, (character) => references[character] ?? character);
}
