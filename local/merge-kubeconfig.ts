import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, copyFileSync, existsSync, mkdirSync, openSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Document, isMap, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import { homeKubeconfig, type KubeconfigPlaces } from './client/kubeconfig-files.ts';
import type { Kubeconfig } from './kubeconfig-for.ts';
import { using } from './using-file.ts';
import { writeWhole } from './write-whole.ts';

interface MergeOptions {
  readonly file: string;
  /** Makes it the current context; one that has none gets it in any case. */
  readonly use: boolean;
  /** Replaces what has its name and is of another cluster. */
  readonly overwrite: boolean;
  readonly now: Date;
}

/** What was done. */
interface Merged {
  readonly file: string;
  readonly context: string;
  readonly outcome: 'added' | 'replaced' | 'unchanged';
  readonly isCurrent: boolean;
  /** The file that has what it was; none: there was nothing. */
  readonly backup?: string;
}

/** The kubeconfig that kubectl writes to: the first of `$KUBECONFIG`, or `~/.kube/config`. */
export const ownKubeconfig = (env: KubeconfigPlaces['env']): string =>
  (env['KUBECONFIG'] ?? '').split(path.delimiter).find((file) => file !== '') ?? homeKubeconfig(env);

/**
 * Adds a context, its cluster and its user to a kubeconfig that exists, or begins one. What else is in it stays as it is written, comments too; what it was is kept in a file beside it. The file
 * is locked as kubectl locks it (client-go, clientcmd/config.go), and written whole or not at all. Throws an Error where the name is taken by another cluster,
 * where the file is locked or read-only, and where it is no kubeconfig.
 */
export function mergeKubeconfig(config: Kubeconfig, { file, use, overwrite, now }: MergeOptions): Merged {
  return using(file, () => {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    // A link stays one.
    const target = existsSync(file) ? realpathSync(file) : file;
    return locked(target, () => {
      const text = existsSync(target) ? readFileSync(target, 'utf8') : undefined;
      const document = kubeconfigIn(text ?? '', file);
      const replaced = put(document, config, { overwrite, file });
      const name = config['current-context'];
      const isCurrent = use || !document.get('current-context');
      if (isCurrent) document.set('current-context', name);
      const wanted = String(document);
      if (wanted === text) return { file, context: name, outcome: 'unchanged', isCurrent };
      // A rename would replace it all the same.
      if (text !== undefined && (statSync(target).mode & 0o200) === 0)
        throw new Error(`${file} is read-only, and stays as it is: chmod u+w it, or name another one (--file)`);
      const backup = text === undefined ? undefined : backupOf(target, now);
      writeWhole(target, wanted, { mode: text === undefined ? 0o600 : statSync(target).mode & 0o777 });
      return { file, context: name, outcome: replaced ? 'replaced' : 'added', isCurrent, ...(backup !== undefined && { backup }) };
    });
  });
}

/** What was done, for people. */
export function mergedLines({ file, context, outcome, isCurrent, backup }: Merged): string[] {
  if (outcome === 'unchanged') return [`${file} has the context ${context} already`];
  return [
    `${file}: context ${context} ${outcome}${isCurrent ? ', and the current one' : ''}`,
    ...(backup === undefined ? [] : [`What it was is in ${backup}`]),
    ...(isCurrent ? [] : [`kubectl config use-context ${context}     # to use it`]),
  ];
}

function locked<T>(file: string, work: () => T): T {
  const lock = `${file}.lock`;
  try {
    closeSync(openSync(lock, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Error(`${file} is being changed by another program: try again, or remove ${lock} if none is running`);
  }
  try {
    return work();
  } finally {
    rmSync(lock);
  }
}

function kubeconfigIn(text: string, file: string): Document {
  const document = parseDocument(text);
  if (document.errors.length > 0) throw new Error(`${file} is no kubeconfig, and stays as it is: ${document.errors[0]!.message.split('\n')[0]}`);
  if (document.contents !== null && !isMap(document.contents)) throw new Error(`${file} is no kubeconfig, and stays as it is`);
  if (document.contents === null) {
    document.contents = document.createNode({ apiVersion: 'v1', kind: 'Config' }) as never;
  }
  return document;
}

/** Returns whether something was there of that name. */
function put(document: Document, config: Kubeconfig, { overwrite, file }: { overwrite: boolean; file: string }): boolean {
  const name = config['current-context'];
  const server = entryOf(document, 'clusters', name)?.getIn(['cluster', 'server']);
  const wanted = config.clusters[0].cluster.server;
  if (server !== undefined && server !== wanted && !overwrite)
    throw new Error(
      `${file} has a cluster ${name} already, and that is ${server}: choose another name (--name), or replace it (--overwrite). Nothing was changed`,
    );
  let isThere = false;
  for (const part of ['clusters', 'users', 'contexts'] as const) {
    const [entry] = config[part];
    const list = listOf(document, part, file);
    const at = list.items.findIndex((item) => isMap(item) && item.get('name') === entry.name);
    if (at === -1) list.add(document.createNode(entry));
    else if (JSON.stringify((list.items[at] as YAMLMap).toJSON()) !== JSON.stringify(entry)) list.items[at] = document.createNode(entry) as YAMLMap;
    isThere ||= at !== -1;
  }
  return isThere;
}

type Part = 'clusters' | 'users' | 'contexts';

const entryOf = (document: Document, part: Part, name: string): YAMLMap | undefined => {
  const list = document.get(part);
  return isSeq(list) ? (list.items.find((item): item is YAMLMap => isMap(item) && item.get('name') === name) ?? undefined) : undefined;
};

function listOf(document: Document, part: Part, file: string): YAMLSeq {
  const list = document.get(part);
  if (isSeq(list)) {
    // `clusters: []` would otherwise take what is added in one line.
    list.flow = false;
    return list;
  }
  if (list !== undefined && list !== null) throw new Error(`${file} is no kubeconfig, and stays as it is: ${part} is no list`);
  const made = document.createNode([]) as YAMLSeq;
  made.flow = false;
  document.set(part, made);
  return made;
}

function backupOf(file: string, now: Date): string {
  const backup = `${file}.backup-${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
  const free = existsSync(backup) ? `${backup}-${randomBytes(3).toString('hex')}` : backup;
  copyFileSync(file, free);
  chmodSync(free, 0o600);
  return free;
}
