import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly engines?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface WorkspacePackage {
  readonly name: string;
  readonly folder: string;
  readonly manifest: Manifest;
}

export function workspacePackages(): WorkspacePackage[] {
  return ['packages', 'packages/datasets'].flatMap((parent) =>
    readdirSync(join(root, parent), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'datasets')
      .map(({ name }) => {
        const folder = join(root, parent, name);
        const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
        return { name: manifest.name, folder, manifest };
      }),
  );
}

/** TypeScript sources that are published, with their text. */
export function publishedSources({ folder }: WorkspacePackage): { file: string; text: string }[] {
  const { exclude = [] } = JSON.parse(readFileSync(join(folder, 'tsconfig.lib.json'), 'utf8')) as {
    exclude?: string[];
  };
  return readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !exclude.some((pattern) => matchesGlob(`src/${file}`, pattern)))
    .map((file) => ({ file: join(folder, 'src', file), text: readFileSync(join(folder, 'src', file), 'utf8') }));
}

/** The two forms that the tsconfigs use: a double star in front of a name, and behind a folder. */
function matchesGlob(file: string, pattern: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('**/', '\0')
    .replaceAll('**', '.*')
    .replaceAll('*', '[^/]*')
    .replaceAll('\0', '(?:.*/)?');
  return new RegExp(`^${expression}$`).test(file);
}

/** Packages that a source imports, types too: `@scope/name` or `name`. Relative files and Node's own modules are left out. */
export function importedPackages(text: string): { name: string; typeOnly: boolean }[] {
  const found = [
    ...text.matchAll(
      /^\s*(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'|\bimport\('([^']+)'\)|^import\s+'([^']+)'/gm,
    ),
  ];
  return found.flatMap((match) => {
    const specifier = match[2] ?? match[3] ?? match[4] ?? '';
    if (specifier.startsWith('.') || specifier.startsWith('node:')) return [];
    const name = /^(@[^/]+\/[^/]+|[^/]+)/.exec(specifier)?.[0] ?? specifier;
    return [{ name, typeOnly: match[1] !== undefined }];
  });
}
