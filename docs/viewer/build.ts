/**
 * The viewer as one HTML file: script and style stand in it, and its policy allows those two by their hashes and nothing else.
 *
 * `npm run viewer` writes it to dist/viewer; `npm run viewer -- --serve` shows it on the loopback.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** A relay on this computer is the only place that the page may speak to. */
const relays = ['127.0.0.1', 'localhost'].map((host) => `ws://${host}:*`).join(' ');

const policyFor = (script: string, style: string): string =>
  [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    'worker-src blob:',
    'img-src data:',
    `connect-src ${relays}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

const documentOf = (script: string, style: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policyFor(script, style)}">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>Inspector</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<div id="root"></div>
<script type="module">${script}</script>
</body>
</html>
`;

/** So that no text in the script ends the element that it stands in. */
const embeddable = (script: string): string => script.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');

const elkWorker = (): Promise<string> =>
  readFile(createRequire(import.meta.url).resolve('elkjs/lib/elk-worker.min.js'), 'utf8');

/**
 * Builds the page, without writing anything.
 *
 * @returns the whole document: serve it as `text/html`, or open it from a file
 * @example app.get('/viewer', async (_, answer) => answer.type('html').send(await buildViewer()));
 */
export async function buildViewer(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: { main: file('./main.tsx'), style: file('./style/index.css') },
    outdir: '/',
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"', ELK_WORKER: JSON.stringify(await elkWorker()) },
    // The layout runs in the worker; the same code for the page itself would double its size.
    alias: { 'elkjs/lib/elk.bundled.js': 'elkjs/lib/elk-api.js' },
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'error',
  });
  const textOf = (ending: string): string => outputFiles.find(({ path }) => path.endsWith(ending))?.text.trim() ?? '';
  const script = embeddable(textOf('.js'));
  const style = textOf('.css');
  return documentOf(script, style);
}

async function write(page: string): Promise<void> {
  const folder = file('../../dist/viewer');
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/index.html`, page);
  console.log(`dist/viewer/index.html: ${Math.round(Buffer.byteLength(page) / 1024)} KB`);
}

function serve(page: string): void {
  const server = createServer((_, answer) => {
    answer.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(page);
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (typeof address === 'object') console.log(`The viewer: http://127.0.0.1:${address?.port}/\nCtrl+C stops it.`);
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const page = await buildViewer();
  if (process.argv.includes('--serve')) serve(page);
  else await write(page);
}
