import { parseLabelSelector } from '../../../kube/selectors.ts';
import { Failed } from '../outcome.ts';

/** What `curl` or `wget` sends to the API, and what it makes of the answer. */
export interface HttpRequest {
  readonly method: string;
  /** `/api/v1/namespaces/default/pods` */
  readonly path: string;
  readonly query: URLSearchParams;
  /** As it is given: `@file` is what the file holds. None: there is none. */
  readonly body: string | undefined;
  readonly contentType: string;
  /** `token`: that of the pod's service account. */
  readonly credentials: 'token' | 'none' | 'unknown';
  /** Whether it trusts the certificate of the server. */
  readonly trusts: boolean;
  /** Whether an error of the server is one of its own. */
  readonly fails: boolean;
  /** Whether it says nothing of its own errors. */
  readonly quiet: boolean;
  /** Where the answer goes; none: to standard output. */
  readonly savedAs: string | undefined;
  /** `%{http_code}`, of curl. */
  readonly writeOut: string | undefined;
}

/** Stands for the header with a token of which only the pod knows what it is. */
export const TOKEN_HEADER = 'Authorization: Bearer *';

/** A word whose text is not known can only be one thing: the header that has the token of the pod's service account in it. Undefined: it may be another. */
export function withTokenHeader(args: readonly (string | undefined)[]): readonly string[] | undefined {
  const words: string[] = [];
  for (const [i, arg] of args.entries()) {
    const before = args[i - 1];
    const isHeader = before === '-H' || before === '--header' || (before !== undefined && /^-[a-zA-Z]+H$/.test(before));
    if (arg !== undefined) words.push(arg);
    else if (isHeader) words.push(TOKEN_HEADER);
    // `--header=…`, or `-H…`
    else if (before === undefined || !takesValue(before)) words.push(`--header=${TOKEN_HEADER}`);
    else return undefined;
  }
  return words;
}

/** A request of the API by its URL; undefined: it is none, or is one of which it is not known what it does. `isApi`: whether a host is the API server's. */
export function httpRequestOf(program: string, args: readonly string[], isApi: (host: string) => boolean): HttpRequest | undefined {
  const read = optionsOf(args);
  if (!read) return undefined;
  const { options, urls } = read;
  const [, host = '', port = '443', rest = ''] = /^https:\/\/([\w.-]+)(?::(\d+))?(\/[^#]*)?$/.exec(urls[0] ?? '') ?? [];
  if (urls.length !== 1 || !isApi(host) || port !== '443') return undefined;
  const [path = '/', search = ''] = rest.split('?');
  const has = (...names: string[]) => names.some((name) => options.has(name));
  const all = (...names: string[]) => names.flatMap((name) => options.get(name) ?? []);
  const one = (...names: string[]) => all(...names).at(-1);
  const isWget = program === 'wget';
  if (has(...ELSEWHERE, ...(isWget ? [] : ['i', 'include', 'I', 'head', 'T', 'upload-file']))) return undefined;
  const data = all('d', 'data', 'data-raw', 'data-binary', 'data-ascii', 'json', 'post-data', 'body-data');
  const file = one('post-file', 'body-file');
  const body = file === undefined ? (data.length > 0 ? data.join('&') : undefined) : `@${file}`;
  const headers = all('H', 'header').map((header) => /^([^:]+):\s*(.*)$/s.exec(header) ?? []);
  const header = (name: string) => headers.find(([, key]) => key?.toLowerCase() === name)?.[2];
  const authorization = header('authorization');
  const saved = one('o', 'O', 'output', 'output-document');
  return {
    method: one('X', 'request', 'method') ?? (body === undefined ? 'GET' : 'POST'),
    path: path.replace(/^$/, '/'),
    query: new URLSearchParams(search),
    body,
    contentType: header('content-type')?.split(';')[0] ?? (has('json') ? 'application/json' : 'application/x-www-form-urlencoded'),
    credentials: authorization === undefined ? 'none' : `Authorization: ${authorization}` === TOKEN_HEADER ? 'token' : 'unknown',
    // busybox's does not look at certificates.
    trusts: isWget || has('k', 'insecure', 'cacert', 'capath'),
    fails: isWget || has('f', 'fail', 'fail-with-body'),
    quiet: isWget ? has('q', 'quiet') : has('s', 'silent') && !has('S', 'show-error'),
    savedAs: isWget ? (saved === '-' ? undefined : (saved ?? basenameOf(path))) : saved === '-' ? undefined : saved,
    writeOut: one('w', 'write-out'),
  };
}

export const isReadingRequest = (args: readonly string[]): boolean => {
  const { options } = optionsOf(args) ?? {};
  const method = ['X', 'request', 'method'].flatMap((name) => options?.get(name) ?? []).at(-1);
  const sends = ['d', 'data', 'data-raw', 'data-binary', 'data-ascii', 'json', 'post-data', 'body-data', 'post-file', 'body-file'];
  return method === undefined ? !sends.some((name) => options?.has(name)) : method === 'GET';
};

const basenameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1) || 'index.html';

/** What makes another request of it, or another answer: of those it is not known here what comes. */
const ELSEWHERE = ['u', 'user', 'cert', 'certificate', 'F', 'form', 'G', 'get'];

/** The letters and names of options that have a value, of both programs. */
const LETTERS = new Set('XHdowumAeOTF');
const VALUED = new Set(
  `
    request header data data-raw data-binary data-ascii json output write-out user max-time connect-timeout retry retry-delay user-agent cacert capath
    cert key method body-data body-file post-data post-file output-document ca-certificate timeout tries certificate form upload-file retry-max-time
  `
    .trim()
    .split(/\s+/),
);

const takesValue = (option: string): boolean =>
  option.startsWith('--') ? !option.includes('=') && VALUED.has(option.slice(2)) : /^-[a-zA-Z]+$/.test(option) && LETTERS.has(option.at(-1)!);

interface Read {
  readonly options: ReadonlyMap<string, readonly string[]>;
  readonly urls: readonly string[];
}

function optionsOf(args: readonly string[]): Read | undefined {
  const options = new Map<string, string[]>();
  const urls: string[] = [];
  const note = (name: string, value: string) => options.set(name, [...(options.get(name) ?? []), value]);
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const [, long, equals] = /^--([\w-]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (long !== undefined) note(long, equals ?? (VALUED.has(long) ? (args[++i] ?? '') : ''));
    else if (/^-[a-zA-Z#]/.test(arg)) {
      for (let at = 1; at < arg.length; at++) {
        const letter = arg[at]!;
        if (!LETTERS.has(letter)) note(letter, '');
        else {
          note(letter, at + 1 < arg.length ? arg.slice(at + 1) : (args[++i] ?? ''));
          break;
        }
      }
    } else urls.push(arg);
  }
  return { options, urls };
}

/** The selector of a list; undefined: all. Throws what another parameter is that is not followed. */
export function selectorOf(query: URLSearchParams): ReturnType<typeof parseLabelSelector> | undefined {
  if (query.has('fieldSelector')) throw new Failed('curl: fieldSelector is not simulated here');
  const selector = query.get('labelSelector');
  return selector ? parseLabelSelector(selector) : undefined;
}
