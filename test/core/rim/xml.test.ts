// XML in one reading, and its canonical bytes. [XML] [XML-C14N]
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeUtf8, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { canonicalXml } from '../../../src/core/rim/canonical-xml.ts';
import { elementsIn, parseXml, xmlNamespace } from '../../../src/core/rim/xml.ts';
import { assertNeverSurprised, assertRefusesEveryTruncation, outcomeOf } from '../../support/hostile-bytes.ts';
import { makeTag } from './material.ts';

const read = (text: string) => parseXml(encodeUtf8(text));
const refuses = (text: string) => assert.equal(outcomeOf(() => read(text))?.code, 'RIM_XML_INVALID', text);
const inclusive = (text: string) => decodeUtf8(canonicalXml(read(text), { mode: 'inclusive' }));
const exclusive = (text: string) => decodeUtf8(canonicalXml(read(text), { mode: 'exclusive' }));

describe('reading XML', () => {
  it('expands names, references and white space', () => {
    const root = read('<?xml version="1.0" encoding="UTF-8"?>\n<a:b xmlns:a="urn:a" c="1 &#9;&quot;&#x41;\n" a:c=\'2\'>x &lt;&amp;&gt;\r\ny<d/></a:b>\n'); // prettier-ignore
    assert.deepEqual([root.local, root.namespace, root.prefix], ['b', 'urn:a', 'a']);
    assert.deepEqual(
      root.attributes.map(({ namespace, local, value }) => [namespace, local, value]),
      [
        ['', 'c', '1 \t"A '],
        ['urn:a', 'c', '2'],
      ],
    );
    assert.deepEqual(root.children[0], { kind: 'text', text: 'x <&>\ny' });
    assert.deepEqual(
      elementsIn(root).map(({ namespace }) => namespace),
      [''],
    );
    assert.equal(read('<a xml:lang="en"/>').attributes[0]?.namespace, xmlNamespace);
  });

  it('refuses document types, entities, comments, CDATA and processing instructions', () => {
    refuses('<!DOCTYPE a><a/>');
    refuses('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>');
    refuses('<a>&x;</a>');
    refuses('<a><!-- x --></a>');
    refuses('<!-- x --><a/>');
    refuses('<a/><!-- x -->');
    refuses('<a><![CDATA[x]]></a>');
    refuses('<a><?x y?></a>');
    refuses('<?xml-stylesheet href="x"?><a/>');
    refuses('<?xml version="1.1"?><a/>');
    refuses('<?xml version="1.0" encoding="ISO-8859-1"?><a/>');
  });

  it('refuses what is not well formed, and what two readers could see in two ways', () => {
    for (const text of [
      '', ' ', 'a', '<a>', '<a></b>', '<a/><b/>', '<a/>x', 'x<a/>', '<a b/>', '<a b=c/>', '<a b="1" b="2"/>',
      '<a b="1"c="2"/>', '<a b="<"/>', '<a>]]></a>', '<a>&#0;</a>', '<a>&#xD800;</a>', '<a>&#x110000;</a>',
      '<a>&amp</a>', '<a>&</a>', '<a>\u0001</a>', '<a:b/>', '<a:b:c xmlns:a="u"/>', '<a xmlns:x=""/>', '<é/>',
      '<a xmlns:xml="urn:x"/>', '<a xmlns:xmlns="urn:x"/>', `<a xmlns:x="${xmlNamespace}"/>`, '\ufeff<a/>', '< a/>',
      '<a xmlns:x="u" xmlns:y="u" x:b="1" y:b="2"/>', '<a xmlns="u" xmlns="v"/>', '<a b="1" xmlns:b="u" b:/>', '<a/ >',
    ]) refuses(text); // prettier-ignore
  });

  it('refuses nesting and counts beyond its bounds', () => {
    refuses(`${'<a>'.repeat(33)}${'</a>'.repeat(33)}`);
    read(`${'<a>'.repeat(32)}${'</a>'.repeat(32)}`);
    refuses(`<a ${Array.from({ length: 65 }, (_, index) => `b${index}=""`).join(' ')}/>`);
    refuses(`<a>${'<b/>'.repeat(16_384)}</a>`);
    refuses(`<a>${' '.repeat(1024 * 1024)}</a>`);
  });

  it('refuses what ends too early, and is never surprised', () => {
    const tag = encodeUtf8(makeTag({ support: new Uint8Array(1) }).trim());
    assertRefusesEveryTruncation(tag, parseXml);
    assertNeverSurprised(parseXml, tag);
    const soup = fc.array(fc.constantFrom('<', '>', '/', 'a', ':', '=', '"', ' ', '&', ';', '#x', 'xmlns', '1', '!', '?', '-')); // prettier-ignore
    fc.assert(fc.property(soup, (parts) => void outcomeOf(() => read(parts.join('')))));
  });
});

describe('canonical XML', () => {
  // After the examples of the specification, without its document types. [XML-C14N §3.3, §3.4]
  it('orders namespaces and attributes, drops what is superfluous, and writes out empty elements', () => {
    const text = `<doc><e1   /><e3   name = "elem3"   id="elem3"   /><e5 a:attr="out" b:attr="sorted" attr2="all" attr="I'm"
      xmlns:b="http://www.ietf.org" xmlns:a="http://www.w3.org" xmlns="http://example.org"/><e6 xmlns="" xmlns:a="http://www.w3.org"><e7 xmlns="http://www.ietf.org"><e8 xmlns="" xmlns:a="http://www.w3.org"/></e7></e6></doc>`;
    assert.equal(
      inclusive(text),
      `<doc><e1></e1><e3 id="elem3" name="elem3"></e3><e5 xmlns="http://example.org" xmlns:a="http://www.w3.org" xmlns:b="http://www.ietf.org" attr="I'm" attr2="all" b:attr="sorted" a:attr="out"></e5><e6 xmlns:a="http://www.w3.org"><e7 xmlns="http://www.ietf.org"><e8 xmlns=""></e8></e7></e6></doc>`,
    );
  });

  it('writes characters in one way', () => {
    assert.equal(
      inclusive('<a b="&#9;&#10;&#13;&lt;&gt;&amp;&quot;\'">&#13;&lt;&gt;&amp;"\'&#233;</a>'),
      '<a b="&#x9;&#xA;&#xD;&lt;>&amp;&quot;\'">&#xD;&lt;&gt;&amp;"\'é</a>',
    );
  });

  it('writes only the namespaces that are used, when it is exclusive', () => {
    const text = '<a xmlns="urn:d" xmlns:u="urn:u" xmlns:n="urn:n"><n:b c="1" xml:lang="en"><n:d u:e="2"/></n:b></a>';
    assert.equal(
      exclusive(text),
      '<a xmlns="urn:d"><n:b xmlns:n="urn:n" c="1" xml:lang="en"><n:d xmlns:u="urn:u" u:e="2"></n:d></n:b></a>',
    );
  });

  it('gives an element by itself the namespaces and xml: attributes around it, when it is inclusive', () => {
    const root = read('<r xmlns="urn:r" xmlns:x="urn:x" xml:lang="en" xml:space="preserve"><s xml:lang="de"><t b="1"/></s></r>'); // prettier-ignore
    const [s] = elementsIn(root);
    const [t] = s === undefined ? [] : elementsIn(s);
    assert.ok(s !== undefined && t !== undefined);
    assert.equal(
      decodeUtf8(canonicalXml(t, { mode: 'inclusive', ancestors: [root, s] })),
      '<t xmlns="urn:r" xmlns:x="urn:x" b="1" xml:lang="de" xml:space="preserve"></t>',
    );
    assert.equal(
      decodeUtf8(canonicalXml(t, { mode: 'exclusive', ancestors: [root, s] })),
      '<t xmlns="urn:r" b="1"></t>',
    );
  });

  it('is read again to the same bytes', () => {
    const name = fc.constantFrom('a', 'b', 'x:a', 'x:b');
    const text = fc.string({ unit: fc.constantFrom('a', ' ', '&amp;', '&lt;', '&#13;', '&#9;', '\n', 'é', "'") });
    const { element } = fc.letrec<{ element: string; content: string }>((tie) => ({
      element: fc.tuple(name, text, tie('content')).map(([tag, value, inside]) => `<${tag} c="${value}" xmlns:x="urn:${tag.length}">${inside}</${tag}>`), // prettier-ignore
      content: fc.oneof({ maxDepth: 3 }, text, fc.array(tie('element'), { maxLength: 3 }).map((parts) => parts.join(''))), // prettier-ignore
    }));
    fc.assert(
      fc.property(element, (document) => {
        for (const canonical of [inclusive, exclusive]) assert.equal(canonical(canonical(document)), canonical(document)); // prettier-ignore
      }),
    );
  });
});
