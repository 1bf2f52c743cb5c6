/** Where refresh tokens may be sent: to endpoints that are https or on this machine. */
import type { AuthorizationServer } from 'oauth4webapi';
import { checkObject, checkText, fail } from '../../machines/check';
import { checkUrl } from '../source/url-guard';

/** The endpoints that are called here. */
const endpoints = ['token_endpoint', 'revocation_endpoint', 'introspection_endpoint'] as const;

/** An absolute URL: unlike a token endpoint of one's own, an authorization server has a name. @throws ConfigurationError */
export function checkPlace(option: string, value: unknown): asserts value is string | URL {
  checkUrl(option, value);
  if (!URL.canParse(String(value))) fail(option, 'an absolute URL', value);
}

/** @throws ConfigurationError for metadata that no refresh token may be sent by */
export function checkMetadata(option: string, value: unknown): asserts value is AuthorizationServer {
  checkObject(option, value);
  checkText(`${option}.issuer`, value.issuer);
  if (value.token_endpoint === undefined) fail(`${option}.token_endpoint`, 'a URL', undefined);
  const { mtls_endpoint_aliases: aliases = {} } = value;
  checkObject(`${option}.mtls_endpoint_aliases`, aliases);
  for (const name of endpoints) {
    if (value[name] !== undefined) checkPlace(`${option}.${name}`, value[name]);
    if (aliases[name] !== undefined) checkPlace(`${option}.mtls_endpoint_aliases.${name}`, aliases[name]);
  }
}
