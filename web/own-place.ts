const OWN_STORE = "/api/v1/blobs/";

/**
 * Links to the server's own store bear its public name, and this page may have been opened by another one, on another
 * machine of the house for instance. What they allow does not hang on the name, so the page asks where it came from.
 */
export function ownPlace(address: string, origin = location.origin): string {
  const { pathname, search } = new URL(address, origin);
  return pathname.startsWith(OWN_STORE) ? `${origin}${pathname}${search}` : address;
}
