export { memoryCache } from './adapters/cache/memory';
export type { UnstorageCacheOptions, UnstorageLike } from './adapters/cache/unstorage';
export { unstorageCache } from './adapters/cache/unstorage';
export type { WebStorageCacheOptions } from './adapters/cache/web-storage';
export { webStorageCache } from './adapters/cache/web-storage';
export type { BroadcastChannelLike, BroadcastChannelOptions } from './adapters/channel/broadcast';
export { broadcastChannel } from './adapters/channel/broadcast';
export { memoryChannel } from './adapters/channel/memory';
export type { NoticeStorage, NoticeWindow, StorageEventChannelOptions } from './adapters/channel/storage-event';
export { storageEventChannel } from './adapters/channel/storage-event';
export { systemClock } from './adapters/clock/system';
export type { WorkerClockOptions, WorkerFallback } from './adapters/clock/worker';
export { workerClock } from './adapters/clock/worker';
export { browserConnectivity } from './adapters/connectivity/browser';
export { memoryConnectivity } from './adapters/connectivity/memory';
export type { CookieStoreCookieOptions } from './adapters/cookie/cookie-store';
export { cookieStoreCookie } from './adapters/cookie/cookie-store';
export type { DocumentCookieOptions } from './adapters/cookie/document';
export { documentCookie } from './adapters/cookie/document';
export { memoryCookie } from './adapters/cookie/memory';
export type { FetchLike, FetchTokens, TokenFetchOptions } from './adapters/fetch/token-fetch';
export { createTokenFetch } from './adapters/fetch/token-fetch';
export { createTokenLifecycle } from './adapters/host/create';
export type {
  Dehydrated,
  GetTokenOptions,
  HistoryEntry,
  LifecycleEvents,
  LifecycleOptions,
  LifecycleState,
  RemoteSignOut,
  TokenLifecycle,
} from './adapters/host/types';
export type { MemoryLock, MemoryLockOptions } from './adapters/lock/memory';
export { memoryLock } from './adapters/lock/memory';
export type { LockEventTarget, WebLockOptions } from './adapters/lock/web';
export { webLock } from './adapters/lock/web';
export { browserPresence } from './adapters/presence/browser';
export { headlessPresence } from './adapters/presence/headless';
export { memoryPresence } from './adapters/presence/memory';
export { httpTokenSource } from './adapters/source/http';
export type { HttpOperation, HttpTokenSourceOptions, MintFields } from './adapters/source/http-options';
export { indexedDbStore } from './adapters/store/indexed-db';
export { memoryStore } from './adapters/store/memory';
export type { WebStorageStoreOptions } from './adapters/store/web-storage';
export { webStorageStore } from './adapters/store/web-storage';
export type { DecodedToken } from './adapters/token/decode';
export { compareFreshness, decodeToken } from './adapters/token/decode';
export type {
  ErrorCode,
  FailureClass,
  InvalidTokenReason,
  RedactedCause,
  TokenRequestErrorOptions,
} from './machines/errors';
export {
  ConfigurationError,
  CookieError,
  InvalidTokenError,
  OfflineError,
  ReadTimeoutError,
  StoppedError,
  TokenLifecycleError,
  TokenRequestError,
} from './machines/errors';
export type {
  Confirmation,
  MintInput,
  MintOutcome,
  Remembered,
  Restored,
  Seen,
  Session,
  SessionEmitted,
  SessionEvent,
  SignOutReason,
  TokenEmitted,
  TokenEvent,
} from './machines/events';
export type { Failure } from './machines/failure';
export type { TokenFacts } from './machines/held-token';
export type { KeyOptions } from './machines/key';
export type { RefreshPolicy } from './machines/policy';
export { defaultPolicy, validatePolicy } from './machines/policy';
export type {
  Clock,
  Connectivity,
  CookieValue,
  CookieWrite,
  CredentialSlot,
  Lease,
  LockOutcome,
  Logger,
  MaybePromise,
  MintCause,
  MintRequest,
  MintResult,
  Presence,
  PresenceChange,
  PresenceLevel,
  PresenceState,
  RefreshLock,
  SessionCookie,
  SessionVerdict,
  SharedKey,
  SharedRecord,
  SharedStore,
  TokenCache,
  TokenChannel,
  TokenKey,
  TokenSource,
  Unsubscribe,
} from './machines/ports';
export type { SessionContext, SessionInput } from './machines/session/context';
export { sessionMachine } from './machines/session/machine';
export type { Instant } from './machines/time';
export type { Credential, Status, TokenContext, TokenInput } from './machines/token/context';
export { tokenMachine } from './machines/token/machine';
export type { StateName } from './machines/view';
