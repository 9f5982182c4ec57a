// How our own profile names what it holds. See docs/corim.md.
export const ownVendor = 'touchstone.dev';

/** The event of a PCR at a place in its order. */
export function eventKey(pcr: number, place: number): string {
  return `pcr-${pcr}/${place}`;
}

export function fileKey(place: number): string {
  return `file/${place}`;
}
