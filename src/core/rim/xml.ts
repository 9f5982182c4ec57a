// XML as a tree: a part of XML 1.0 with namespaces that has one reading. [XML] [XML-NAMES]
//
// No document type, no entities of the document's own, no comments, no CDATA, no processing instructions: a signed tag needs
// none of them, and each has let one reader see what another did not.
import { decodeUtf8 } from '../encoding/index.ts';
import { MalformedError } from '../error.ts';

export interface XmlElement {
  readonly kind: 'element';
  /** As written, prefix included. */
  readonly name: string;
  readonly prefix: string;
  readonly local: string;
  /** Empty where there is none. */
  readonly namespace: string;
  readonly attributes: readonly XmlAttribute[];
  /** Every namespace in scope by its prefix; the default under the empty one. */
  readonly scope: ReadonlyMap<string, string>;
  readonly children: readonly (XmlElement | XmlText)[];
}

export interface XmlText {
  readonly kind: 'text';
  readonly text: string;
}

/** Declarations of namespaces are no attributes here: they are in the scope. */
export interface XmlAttribute {
  readonly name: string;
  readonly prefix: string;
  readonly local: string;
  readonly namespace: string;
  readonly value: string;
}

export const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';

const bounds = { bytes: 1024 * 1024, depth: 32, elements: 16_384, attributes: 64 };

/** Reads a document of one root element.
 * @throws MalformedError RIM_XML_INVALID with the position in the text, ENCODING_UTF8_INVALID */
export function parseXml(bytes: Uint8Array): XmlElement {
  if (bytes.length > bounds.bytes) throw new MalformedError('RIM_XML_INVALID', `${bytes.length} bytes are too many`);
  return new XmlReader(decodeUtf8(bytes)).document();
}

/** The elements directly inside, without the text between them. */
export function elementsIn({ children }: XmlElement): readonly XmlElement[] {
  return children.filter((child) => child.kind === 'element');
}

/** The value of an attribute that is of no namespace. */
export function attributeOf({ attributes }: XmlElement, name: string): string | undefined {
  return attributes.find(({ local, namespace }) => local === name && namespace === '')?.value;
}

// Sticky, and without nested repetition: linear in the text they match. Names are ASCII, with one prefix at most.
const declaration = /<\?xml version="1\.0"(?: encoding="(?:UTF-8|utf-8)")?(?: standalone="(?:yes|no)")? ?\?>/y;
const blank = /[ \t\r\n]*/y;
const nameToken = /(?:[A-Za-z_][A-Za-z0-9._-]*:)?[A-Za-z_][A-Za-z0-9._-]*/y;
const textToken = /[^<]+/y;
const valueToken = /"[^"<]*"|'[^'<]*'/y;
// eslint-disable-next-line no-control-regex -- what XML forbids [XML §2.2]
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

const rootScope: ReadonlyMap<string, string> = new Map([
  ['xml', xmlNamespace],
  ['', ''],
]);

interface RawAttribute {
  readonly name: string;
  readonly value: string;
  readonly at: number;
}

class XmlReader {
  readonly #text: string;
  #position = 0;
  #elements = 0;

  constructor(text: string) {
    // Line ends are those of one system, whatever wrote the file. [XML §2.11]
    this.#text = text.replace(/\r\n?/g, '\n');
    if (forbidden.test(text)) throw this.#invalid('a character that XML forbids');
  }

  document(): XmlElement {
    this.#match(declaration);
    this.#match(blank);
    const root = this.#element(rootScope, 1);
    this.#match(blank);
    if (this.#position < this.#text.length) throw this.#invalid('something follows the root element');
    return root;
  }

  #element(outer: ReadonlyMap<string, string>, depth: number): XmlElement {
    this.#elements += 1;
    if (depth > bounds.depth || this.#elements > bounds.elements) throw this.#invalid('too many elements, or too deep');
    this.#expect('<');
    const name = this.#name();
    const raw = this.#attributes();
    const scope = this.#scope(outer, raw);
    const named = { kind: 'element', name, ...this.#expand(name, scope), scope } as const;
    const attributes = this.#expandAttributes(raw, scope);
    if (this.#take('/>')) return { ...named, attributes, children: [] };
    this.#expect('>');
    const children: (XmlElement | XmlText)[] = [];
    while (!this.#take('</')) {
      const token = this.#match(textToken);
      children.push(token === '' ? this.#element(scope, depth + 1) : { kind: 'text', text: this.#characters(token) });
    }
    if (this.#name() !== name) throw this.#invalid(`</${name}> expected`);
    this.#match(blank);
    this.#expect('>');
    return { ...named, attributes, children };
  }

  #attributes(): readonly RawAttribute[] {
    const found: RawAttribute[] = [];
    for (;;) {
      const space = this.#match(blank);
      if (space === '' || this.#next('/>') || this.#next('>')) return found;
      const at = this.#position;
      const name = this.#name();
      this.#match(blank);
      this.#expect('=');
      this.#match(blank);
      const token = this.#match(valueToken);
      if (token === '' || found.length >= bounds.attributes)
        throw this.#invalid('an attribute without value, or too many');
      // White space as written is a space; as a reference it stays. [XML §3.3.3]
      found.push({ name, value: this.#characters(token.slice(1, -1).replace(/[\t\n]/g, ' ')), at });
    }
  }

  #scope(outer: ReadonlyMap<string, string>, raw: readonly RawAttribute[]): ReadonlyMap<string, string> {
    const declared = raw.filter(isDeclaration);
    if (declared.length === 0) return outer;
    const own = new Map<string, string>();
    for (const { name, value } of declared) {
      const prefix = name === 'xmlns' ? '' : name.slice('xmlns:'.length);
      const isReserved = prefix === 'xml' || prefix === 'xmlns' || value === xmlNamespace;
      if (own.has(prefix) || isReserved || (prefix !== '' && value === '')) {
        throw this.#invalid('a namespace that stands twice, is reserved, or is empty');
      }
      own.set(prefix, value);
    }
    return new Map([...outer, ...own]);
  }

  #expandAttributes(raw: readonly RawAttribute[], scope: ReadonlyMap<string, string>): readonly XmlAttribute[] {
    const attributes = raw
      .filter((attribute) => !isDeclaration(attribute))
      .map(({ name, value }): XmlAttribute => {
        const { prefix, local, namespace } = this.#expand(name, scope);
        // The default namespace is not that of attributes. [XML-NAMES §6.2]
        return { name, prefix, local, namespace: prefix === '' ? '' : namespace, value };
      });
    const names = new Set(attributes.map(({ namespace, local }) => `${namespace} ${local}`));
    if (names.size !== attributes.length) throw this.#invalid('an attribute stands twice');
    return attributes;
  }

  #expand(name: string, scope: ReadonlyMap<string, string>): { prefix: string; local: string; namespace: string } {
    const colon = name.indexOf(':');
    const [prefix, local] = colon < 0 ? ['', name] : [name.slice(0, colon), name.slice(colon + 1)];
    const namespace = scope.get(prefix);
    if (namespace === undefined) throw this.#invalid(`the prefix ${prefix} is declared nowhere`);
    return { prefix, local, namespace };
  }

  /** Text with its references replaced: the five that XML knows, and characters by number. */
  #characters(token: string): string {
    if (token.includes(']]>')) throw this.#invalid(']]> in a text');
    return token.replace(/&([^;&]{0,12});?/g, (whole, name: string) => {
      const character = whole.endsWith(';') ? characterOf(name) : undefined;
      if (character === undefined) throw this.#invalid('an entity that is not one of the five');
      return character;
    });
  }

  #name(): string {
    const name = this.#match(nameToken);
    if (name === '') throw this.#invalid('a name expected');
    return name;
  }

  #next(mark: string): boolean {
    return this.#text.startsWith(mark, this.#position);
  }

  #take(mark: string): boolean {
    if (!this.#next(mark)) return false;
    this.#position += mark.length;
    return true;
  }

  #expect(mark: string): void {
    if (!this.#take(mark)) throw this.#invalid(`${mark} expected`);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#position;
    const token = pattern.exec(this.#text)?.[0] ?? '';
    this.#position += token.length;
    return token;
  }

  #invalid(problem: string): MalformedError {
    return new MalformedError('RIM_XML_INVALID', problem, { at: this.#position });
  }
}

function isDeclaration({ name }: RawAttribute): boolean {
  return name === 'xmlns' || name.startsWith('xmlns:');
}

const entities: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);

function characterOf(name: string): string | undefined {
  const [, decimal, hexadecimal] = /^#(?:([0-9]{1,7})|x([0-9a-fA-F]{1,6}))$/.exec(name) ?? [];
  if (decimal === undefined && hexadecimal === undefined) return entities.get(name);
  const point = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal);
  if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return undefined;
  const character = String.fromCodePoint(point);
  return forbidden.test(character) ? undefined : character;
}
