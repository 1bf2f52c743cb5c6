/** Checks of what callers pass in. Each throws a `ConfigurationError` that names the option and says what it must be. */
import { ConfigurationError } from './errors';

const described = (value: unknown): string => {
  if (value === null) return 'null';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return value === '' ? 'an empty string' : 'a string';
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
};

/** Never prints strings: they may be tokens. */
export function fail(option: string, must: string, value: unknown): never {
  throw new ConfigurationError(option, `must be ${must}, not ${described(value)}`);
}

export function checkText(option: string, value: unknown): asserts value is string {
  if (typeof value !== 'string' || value.trim() === '') fail(option, 'a non-empty string', value);
}

export function checkNumber(
  option: string,
  value: unknown,
  range: { min: number; max?: number; integer?: boolean },
): asserts value is number {
  const { min, max = Number.MAX_SAFE_INTEGER, integer = false } = range;
  const fits = typeof value === 'number' && value >= min && value <= max && (!integer || Number.isInteger(value));
  if (!fits) {
    const kind = integer ? 'a whole number' : 'a number';
    fail(
      option,
      max === Number.MAX_SAFE_INTEGER ? `${kind} of at least ${min}` : `${kind} from ${min} to ${max}`,
      value,
    );
  }
}

export function checkBoolean(option: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean') fail(option, 'a boolean', value);
}

export function checkFunction(option: string, value: unknown): asserts value is (...args: never[]) => unknown {
  if (typeof value !== 'function') fail(option, 'a function', value);
}

export function checkOneOf<T extends string>(
  option: string,
  value: unknown,
  allowed: readonly T[],
): asserts value is T {
  if (!allowed.includes(value as T)) fail(option, `one of ${allowed.map((one) => `'${one}'`).join(', ')}`, value);
}

export function checkObject(option: string, value: unknown): asserts value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(option, 'an object', value);
}

/** An adapter is an object with these methods; extra ones are fine. */
export function checkMethods(option: string, value: unknown, methods: readonly string[]): void {
  checkObject(option, value);
  for (const method of methods) {
    if (typeof value[method] !== 'function') fail(`${option}.${method}`, 'a function', value[method]);
  }
}

/** A misspelt option is an error, not a default. One that is `undefined` is not given. */
export function checkKnown(option: string, value: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  for (const name of Object.keys(value)) {
    if (value[name] !== undefined && !known.includes(name)) {
      throw new ConfigurationError(`${option}.${name}`, `is not an option; there are ${known.join(', ')}`);
    }
  }
}

/** A parsed URL's own parts; the parser has already turned `127.1` and `0x7f000001` into dotted form. */
type Place = { readonly protocol: string; readonly hostname: string };

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' ||
  hostname.endsWith('.localhost') ||
  hostname === '[::1]' ||
  /^127(?:\.\d{1,3}){3}$/.test(hostname);

/** A token is only sent over https, or by plain http to this machine. */
export function checkSecurePlace(option: string, { protocol, hostname }: Place): void {
  if (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))) return;
  throw new ConfigurationError(option, 'must be https, or http to localhost, 127.0.0.1 or [::1]');
}
