/** Small gates on the text of files. */
import { posix } from 'node:path';
import { listFiles, type Path, readText } from './sources';

const textual = /\.(?:ts|tsx|js|mjs|cjs|json|md|html|css|svg|yml)$/;

/** Every text file of the project, by path. */
export const textFiles = (): Map<Path, string> =>
  new Map([...listFiles('.').filter((path) => textual.test(path)), '.ci/run'].map((path) => [path, readText(path)]));

/** Longer than can be read at one sitting. */
export const tooLong = (files: ReadonlyMap<Path, string>, limit: number): string[] =>
  [...files]
    .map(([path, text]) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > limit)
    .map(({ path, lines }) => `${path} has ${lines} lines`);

/** Absolute paths into somebody's machine: they mean nothing to anybody else. */
const elsewhere = /(?<![\w.~:/-])\/(?:home|root|Users|mnt|srv|work|tmp)\/[\w.-]+/g;

export const foreignPaths = (files: ReadonlyMap<Path, string>): string[] =>
  [...files].flatMap(([path, text]) => (text.match(elsewhere) ?? []).map((found) => `${path}: ${found}`));

/** Relative Markdown links (and images) that lead to no file, as `file: target`. */
export function deadLinks(files: ReadonlyMap<Path, string>, exists: (path: Path) => boolean): string[] {
  return [...files]
    .filter(([path]) => path.endsWith('.md'))
    .flatMap(([path, text]) =>
      [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)\s]*)?\)/g)]
        .map((match) => match[1] ?? '')
        .filter((target) => !exists(posix.join(posix.dirname(path), target)))
        .map((target) => `${path}: ${target}`),
    );
}

export type LockFile = { readonly packages: Readonly<Record<string, { readonly resolved?: string }>> };

/** Packages that would be fetched from anywhere but the public registry. */
export const otherRegistries = (lock: LockFile): string[] =>
  Object.entries(lock.packages)
    .filter(([, { resolved }]) => resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/'))
    .map(([name]) => name);
