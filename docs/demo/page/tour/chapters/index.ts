import type { Chapter } from '../types';
import { cookieWhileOffline } from './offline-cookie';
import { offlineReads } from './offline-read';
import { originOutage } from './outage';
import { staleWhileRevalidate } from './stale';

/** In the order in which they are told: from a delay to the loss of a session. */
export const chapters: readonly Chapter[] = [staleWhileRevalidate, offlineReads, cookieWhileOffline, originOutage];
