/** Reads an answer without trusting its size or its type. */

/** Tokens are a few KB; what is larger is no answer to us. */
const maxBytes = 64 * 1_024;

export type BodyContent =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'empty' | 'not-json' | 'too-large' };

/** Frees the connection of a body that nobody reads. */
function discard(response: Response): void {
  response.body?.cancel().catch(() => undefined);
}

async function readStream(stream: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<string | undefined> {
  const reader = stream.getReader();
  const leave = () => void reader.cancel().catch(() => undefined);
  // A fetch that was passed in may not tie its body to the signal.
  if (signal.aborted) leave();
  else signal.addEventListener('abort', leave, { once: true });
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      bytes += part.value.byteLength;
      if (bytes > maxBytes) {
        leave();
        return undefined;
      }
      text += decoder.decode(part.value, { stream: true });
    }
    return text + decoder.decode();
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

/** React Native has no body streams: there the size can only be looked at afterwards. */
async function readWhole(response: Response): Promise<string | undefined> {
  const text = await response.text();
  return text.length > maxBytes ? undefined : text;
}

/**
 * The body as JSON, at most 64 KB of it. A declared type other than JSON or plain text is not even read: an HTML page is
 * a proxy, a captive portal or a router's fallback talking, whatever it says.
 *
 * @throws whatever the stream fails with, when the connection breaks half-way
 */
export async function readBody(response: Response, signal: AbortSignal): Promise<BodyContent> {
  const type = response.headers.get('content-type') ?? '';
  if (type !== '' && !/json|text\/plain/i.test(type)) {
    discard(response);
    return { kind: 'not-json' };
  }
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) {
    discard(response);
    return { kind: 'too-large' };
  }
  const text = await (response.body ? readStream(response.body, signal) : readWhole(response));
  if (text === undefined) return { kind: 'too-large' };
  if (text.trim() === '') return { kind: 'empty' };
  try {
    return { kind: 'json', value: JSON.parse(text) };
  } catch {
    return { kind: 'not-json' };
  }
}

/** The fields of a JSON object; none for anything else, so that callers need no cases. */
export function fieldsOf(body: BodyContent): Readonly<Record<string, unknown>> {
  const value = body.kind === 'json' ? body.value : undefined;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
