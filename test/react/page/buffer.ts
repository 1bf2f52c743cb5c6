/** What the tokens for tests need of Node's Buffer, for a page. */
const toBase64Url = (text: string): string =>
  btoa(String.fromCharCode(...new TextEncoder().encode(text)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');

export const Buffer = { from: (text: string) => ({ toString: () => toBase64Url(text) }) };
