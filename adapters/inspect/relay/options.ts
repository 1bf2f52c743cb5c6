/** What a relay can be told. */
import { checkKnown, checkNumber, checkObject, checkText, fail } from '../../../machines/check';
import { ConfigurationError } from '../../../machines/errors';

export type InspectorRelayOptions = {
  /** 0 to 65535. Default 0: one that is free. */
  readonly port?: number;
  /** Exact origins of pages that may send, such as `http://localhost:5173`. Default none: processes alone, which have no origin. */
  readonly allowedOrigins?: readonly string[];
  /** The page that is served to look at. Default the viewer that ships here. */
  readonly page?: string;
  /** How many events are kept for a viewer that comes later, from 1 to 100000. Default 1000. */
  readonly keepEvents?: number;
  /** The largest message that is taken, in bytes, from 1024 on. Default 1048576. */
  readonly maxMessageBytes?: number;
};

export type RelaySettings = Required<Omit<InspectorRelayOptions, 'page'>> & { readonly page: string | undefined };

const known = ['port', 'allowedOrigins', 'page', 'keepEvents', 'maxMessageBytes'];

/** An origin as a browser writes it. */
function checkOrigin(option: string, value: unknown): void {
  checkText(option, value);
  let origin: string | undefined;
  try {
    origin = new URL(value).origin;
  } catch {
    origin = undefined;
  }
  if (origin === undefined || origin !== value || origin === 'null')
    throw new ConfigurationError(option, 'must be an origin without a path, such as http://localhost:5173');
}

/** @throws ConfigurationError for the first option that cannot work */
export function readRelayOptions(options: InspectorRelayOptions): RelaySettings {
  const option = (name: keyof InspectorRelayOptions) => `createInspectorRelay.${name}`;
  checkObject('createInspectorRelay', options);
  checkKnown('createInspectorRelay', options, known);
  const { port = 0, allowedOrigins = [], page, keepEvents = 1_000, maxMessageBytes = 1_048_576 } = options;
  checkNumber(option('port'), port, { min: 0, max: 65_535, integer: true });
  if (!Array.isArray(allowedOrigins)) fail(option('allowedOrigins'), 'an array of origins', allowedOrigins);
  allowedOrigins.forEach((origin, index) => {
    checkOrigin(`${option('allowedOrigins')}[${index}]`, origin);
  });
  if (page !== undefined) checkText(option('page'), page);
  checkNumber(option('keepEvents'), keepEvents, { min: 1, max: 100_000, integer: true });
  checkNumber(option('maxMessageBytes'), maxMessageBytes, { min: 1_024, max: 64 * 1_048_576, integer: true });
  return { port, allowedOrigins, page, keepEvents, maxMessageBytes };
}
