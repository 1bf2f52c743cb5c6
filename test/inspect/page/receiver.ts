/** What anybody's viewer is: the receiver of the library, and a list of what it heard. */
import { createBrowserReceiver } from '@statelyai/inspect';

const heard: unknown[] = [];
Object.assign(window, { heard });
createBrowserReceiver().subscribe((event) => void heard.push(event));
