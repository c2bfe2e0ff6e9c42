/** What a program does once it has started. */
export type Program =
  | {
      readonly type: 'serves';
      /** Where it listens; `any`: that is not known. */
      readonly ports: readonly number[] | 'any';
      /** How it ends when it is signalled; none: it does not care, as the first process of a container does not unless it asks for it. */
      readonly obeys: { readonly afterMs: number; readonly exitCode: number } | undefined;
      /** What it answers over HTTP, so many ms after its start. */
      readonly status?: (path: string, atMs: number) => number;
      /** When that changes. */
      readonly changes?: readonly number[];
    }
  | { readonly type: 'ends'; readonly afterMs: number; readonly exitCode: number; readonly output?: string };

const STOP_MS = 1000;

export const server = (ports: readonly number[] | 'any'): Program & { type: 'serves' } => ({ type: 'serves', ports, obeys: { afterMs: STOP_MS, exitCode: 0 } });

export const ends = (exitCode: number, afterMs = 0): Program => ({ type: 'ends', afterMs, exitCode });

const SERVERS: Readonly<Record<string, readonly number[] | 'any'>> = {
  nginx: [80],
  httpd: 'any',
  'httpd-foreground': [80],
  'apache2-foreground': [80],
  apachectl: [80],
  'redis-server': [6379],
  'valkey-server': [6379],
  memcached: [11211],
  postgres: [5432],
  mysqld: [3306],
  mariadbd: [3306],
  mongod: [27017],
  etcd: [2379, 2380],
  'rabbitmq-server': [5672],
  'catalina.sh': [8080],
  pause: [],
  caddy: [80, 443, 2019],
  haproxy: 'any',
  envoy: 'any',
  traefik: 'any',
  prometheus: [9090],
  dockerd: 'any',
  sshd: [22],
};

/** A program that is known to serve, by how it is called. Undefined: it is not known. */
export function serverOf(argv: readonly string[]): Program | undefined {
  const name = basename(argv[0] ?? '');
  const text = argv.slice(1).join(' ');
  if (/^python[\d.]*$/.test(name)) {
    const http = /-m (?:http\.server|SimpleHTTPServer)(?: .*?(\d+))?/.exec(text);
    // It does not ask for the signal.
    return http ? { type: 'serves', ports: [Number(http[1] ?? 8000)], obeys: undefined } : undefined;
  }
  if (!Object.hasOwn(SERVERS, name)) return undefined;
  const port = /(?:^|\s)(?:--port|-p)[= ](\d+)/.exec(text)?.[1];
  return server(port ? [Number(port)] : SERVERS[name]!);
}

/** In characters: what is longer is not looked through. */
const LONGEST = 16 * 1024;

/** The ports that a script's `nc -l`, `httpd -p` and the like listen on; `any`: it does, but where is not known. */
export function listened(script: string): readonly number[] | 'any' {
  if (script.length > LONGEST) return 'any';
  if (!/\bnc(at)? .*-\w*l|http\.server|SimpleHTTPServer|\bhttpd\b|\bsocat\b/.test(script)) return [];
  const ports = [...script.matchAll(/(?:-p|-l\w*|http\.server|SimpleHTTPServer|LISTEN:|:)\s*(\d{2,5})\b/g)].map(([, port]) => Number(port));
  return ports.length > 0 ? ports : 'any';
}

export const basename = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Whether a name is one that people give to what is not there. */
export const isEvidentlyMissing = (name: string): boolean => MISSING.test(name.replace(/[-_.\s]/g, '').toLowerCase());

const MISSING = /does(not|nt|n't)exist|(non|not|no|never|un)exist|nosuch|notfound|not(a)?real|notavalid|notthere|bogus|^404$|invalid|imaginary|unresolvable/;
