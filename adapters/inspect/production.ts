/** Whether this is a build that users get. */

/**
 * By `process.env.NODE_ENV`, the name under which bundlers write it down. Where nobody says, a page counts as development
 * only on this machine's own loopback hosts: a third party is told nothing by accident.
 */
export function isProduction(): boolean {
  let environment: string | undefined;
  try {
    // Read as one expression: bundlers replace it, and `process` itself is not there in a browser.
    environment = process.env.NODE_ENV;
  } catch {
    environment = undefined;
  }
  if (environment !== undefined && environment !== '') return environment === 'production';
  if (typeof location === 'undefined') return false;
  return !/^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(location.hostname);
}
