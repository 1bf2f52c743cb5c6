export type { OAuthTokenSourceOptions } from './options';
export type { OAuthTokenSource } from './source';
export { oauthTokenSource } from './source';
