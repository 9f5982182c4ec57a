// Hashes by the URI that XML signatures and SWID tags name them with. SHA-1 has one too, and is not known here. [XMLDSIG §6.2]
import type { HashAlgorithm } from '../crypto/index.ts';

export const digestUris: Readonly<Record<string, HashAlgorithm>> = {
  'http://www.w3.org/2001/04/xmlenc#sha256': 'sha256',
  'http://www.w3.org/2001/04/xmldsig-more#sha384': 'sha384',
  'http://www.w3.org/2001/04/xmlenc#sha512': 'sha512',
};
