/** What stands in the files that docs/guides/terminal.md speaks of. */
import { jwtOf } from './support';

const noon = Date.parse('2026-01-31T12:00:00Z') / 1_000;

const session = jwtOf({
  sub: 'user_1',
  sid: 'sess_1',
  org_id: 'org_1',
  azp: 'https://app.example',
  iat: noon,
  exp: noon + 60,
});

export const files: Readonly<Record<string, string>> = {
  'token.txt': `${session}\n`,
  'cookie.txt': `Set-Cookie: __Host-__session=${session}; Path=/; Secure; SameSite=Lax\n`,
};
