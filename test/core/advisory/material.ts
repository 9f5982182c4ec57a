// Advisories as distributions and vendors publish them, written after their specifications; no one's own text.
import { encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { parseAdvisory } from '../../../src/core/advisory/index.ts';

export type Json = Readonly<Record<string, unknown>>;

export const shimFile = 'ab'.repeat(32);
export const shimImage = 'cd'.repeat(32);

export const osvRecord: Json = {
  schema_version: '1.7.0',
  id: 'DSA-9001-1',
  published: '2026-11-20T00:00:00Z',
  modified: '2026-11-21T10:00:00Z',
  aliases: ['CVE-2026-11111'],
  upstream: ['CVE-2026-22222', 'GHSA-aaaa-bbbb-cccc'],
  related: ['DLA-1-1'],
  summary: 'linux - security update',
  details: 'Several\tlines\nof *text*.',
  severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H' }],
  affected: [
    {
      package: { ecosystem: 'Debian:12', name: 'linux', purl: 'pkg:deb/debian/linux?arch=source' },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '6.1.119-1' }] }],
      versions: ['6.1.90-1', '6.1.112-1'],
      ecosystem_specific: { urgency: 'not yet assigned' },
    },
    {
      package: { ecosystem: 'Debian:13', name: 'linux' },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '6.2~rc1-1' }, { fixed: '6.12.3-1' }] }],
    },
    { ranges: [{ type: 'GIT', repo: 'https://git.example/linux', events: [{ introduced: '0' }, { fixed: 'ab12' }] }] },
    {
      package: { ecosystem: 'npm', name: 'left-pad' },
      ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }] }],
    },
  ],
  references: [{ type: 'ADVISORY', url: 'https://example.org/dsa-9001' }],
  credits: [{ name: 'Someone' }],
  database_specific: {
    source: 'https://example.org',
    touchstone: { denies: [{ sbat: { component: 'grub', below: 5 } }] },
  },
};

export const csafDocument: Json = {
  document: {
    category: 'csaf_security_advisory',
    csaf_version: '2.0',
    lang: 'en',
    publisher: { category: 'vendor', name: 'Example Systems', namespace: 'https://example.org' },
    title: 'Boot chain of Example servers',
    tracking: {
      id: 'EXA-2026-17',
      version: '2',
      status: 'final',
      initial_release_date: '2026-11-01T00:00:00Z',
      current_release_date: '2026-11-20T00:00:00Z',
      revision_history: [{ number: '1', date: '2026-11-01T00:00:00Z', summary: 'first' }],
    },
  },
  product_tree: {
    branches: [
      {
        category: 'vendor',
        name: 'Example',
        branches: [
          {
            category: 'product_name',
            name: 'Server X',
            branches: [
              {
                category: 'product_version',
                name: '1.7.3',
                product: {
                  product_id: 'FW-1.7.3',
                  name: 'Server X firmware 1.7.3',
                  product_identification_helper: { cpe: 'cpe:2.3:o:example:server_x_firmware:1.7.3:*:*:*:*:*:*:*' },
                },
              },
              {
                category: 'product_version_range',
                name: 'vers:rpm/>=4.18.0|<4.18.0-553',
                product: {
                  product_id: 'KERNEL',
                  name: 'kernel before 4.18.0-553',
                  product_identification_helper: { purl: 'pkg:rpm/redhat/kernel' },
                },
              },
              {
                category: 'product_version_range',
                name: 'before the spring of 2026',
                product: {
                  product_id: 'GRUB',
                  name: 'grub2 of old',
                  product_identification_helper: { purl: 'pkg:rpm/redhat/grub2' },
                },
              },
            ],
          },
        ],
      },
    ],
    full_product_names: [
      {
        product_id: 'SHIM',
        name: 'shim of the installer',
        product_identification_helper: {
          hashes: [
            {
              filename: 'shimx64.efi',
              file_hashes: [
                { algorithm: 'sha256', value: shimFile },
                { algorithm: 'blake2b512', value: 'ef'.repeat(64) },
              ],
            },
          ],
          x_generic_uris: [
            { namespace: 'https://touchstone.dev/deny-list/v1', uri: 'sbat:shim,4' },
            { namespace: 'https://touchstone.dev/deny-list/v1', uri: `authenticode:sha256:${shimImage}` },
            { namespace: 'https://example.org/ids', uri: 'urn:example:17' },
          ],
        },
      },
      { product_id: 'OS-9', name: 'Example OS 9' },
      { product_id: 'OS-10', name: 'Example OS 10' },
    ],
    relationships: [
      {
        category: 'default_component_of',
        product_reference: 'KERNEL',
        relates_to_product_reference: 'OS-9',
        full_product_name: { product_id: 'OS-9:KERNEL', name: 'kernel as a part of Example OS 9' },
      },
    ],
  },
  vulnerabilities: [
    {
      cve: 'CVE-2026-33333',
      notes: [{ category: 'description', text: 'A hole.' }],
      product_status: { known_affected: ['FW-1.7.3', 'SHIM'], known_not_affected: ['OS-10'] },
    },
    {
      cve: 'CVE-2026-44444',
      product_status: { known_affected: ['OS-9:KERNEL', 'GRUB'], first_affected: ['OS-9'], fixed: ['OS-10'] },
    },
  ],
};

export const bytesOf = (document: unknown): Uint8Array => encodeUtf8(JSON.stringify(document));
export const osv = (change: Json = {}) => parseAdvisory(bytesOf({ ...osvRecord, ...change }), 'osv');
export const csaf = (change: Json = {}) => parseAdvisory(bytesOf({ ...csafDocument, ...change }), 'csaf');
