import type { ImageReference } from '../image.ts';
import { ends, type Program, server, serverOf } from './known-programs.ts';

/** What is known of an image by its name. */
export interface KnownImage {
  /** What a node fetches of it, in millions of bytes. */
  readonly mb: number;
  /** As whom it runs: 0 where nothing is said. A name that is no number cannot be told from root. */
  readonly user?: number | string;
  /** What its own program does with these arguments. Undefined: it runs them, as a base image does. */
  runs(args: readonly string[], variable: (name: string) => string | undefined): Program | undefined;
  /** Whether it has the programs of a small system, and which. */
  readonly system: 'busybox' | 'full' | 'none';
}

type Rest = Partial<Pick<KnownImage, 'user' | 'system'>>;

/** An image that serves on these ports, whatever its flags; what is no flag is run in its place. */
const serves = (mb: number, ports: readonly number[] | 'any', rest: Rest = {}): KnownImage => ({
  mb,
  system: 'full',
  runs: (args) => (args.length === 0 || args[0]!.startsWith('-') ? server(ports) : serverOf(args)),
  ...rest,
});

/** A server that has these pages until it is given others. */
const pages = (image: KnownImage, paths: readonly string[]): KnownImage => ({
  ...image,
  runs: (args, variable) => {
    const program = image.runs(args, variable);
    return program?.type === 'serves' ? { ...program, status: (path) => (paths.includes(path.replace(/\?.*$/s, '')) ? 200 : 404) } : program;
  },
});
const NGINX_PAGES = ['/', '/index.html', '/50x.html'];

/** A base image: a shell that ends when nobody types. */
const base = (mb: number, system: KnownImage['system'] = 'full'): KnownImage => ({ mb, system, runs: (args) => (args.length === 0 ? ends(0) : undefined) });

/** A program that does its work and ends, or says how it is used. */
const tool = (mb: number, exitCode = 0): KnownImage => ({ mb, system: 'full', runs: (args) => (args.length === 0 ? ends(exitCode) : undefined) });

/** A server that does not start unless one of these variables is set. */
const guarded = (mb: number, port: number, variables: readonly string[], rest: Rest = {}): KnownImage => {
  const image = serves(mb, [port], rest);
  return { ...image, runs: (args, variable) => (variables.some((name) => variable(name)) ? image.runs(args, variable) : ends(1)) };
};

const PAUSE: KnownImage = { mb: 0.3, user: 65535, system: 'none', runs: () => server([]) };

/** test/images/agnhost of Kubernetes: one program of many parts. */
const AGNHOST: KnownImage = {
  mb: 54,
  system: 'busybox',
  runs: ([part = 'pause', ...args]) => {
    const port = (flag: string, otherwise: number) => Number(new RegExp(`--${flag}[= ](\\d+)`).exec(args.join(' '))?.[1] ?? otherwise);
    switch (part) {
      case 'pause':
        return server([]);
      case 'netexec':
        return server([port('http-port', 8080)]);
      case 'liveness':
        // Well for ten seconds, as the documentation's task on probes tells.
        return { ...server([8080]), changes: [10_000], status: (path, atMs) => (path === '/healthz' && atMs >= 10_000 ? 500 : 200) };
      case 'serve-hostname':
      case 'serve-hostname-legacy':
        return server([port('port', 9376)]);
      case 'test-webserver':
        return server([port('port', 80)]);
      case 'porter':
      case 'nettest':
      case 'webhook':
      case 'guestbook':
      case 'grpc-health-checking':
      case 'logs-generator':
      case 'audit-proxy':
      case 'resource-consumer-controller':
        return server('any');
      default:
        return ends(0);
    }
  },
};

const known: Readonly<Record<string, KnownImage>> = {
  pause: PAUSE,
  'pause-amd64': PAUSE,
  agnhost: AGNHOST,
  busybox: base(2, 'busybox'),
  alpine: base(4, 'busybox'),
  bash: base(7, 'busybox'),
  ubuntu: base(30),
  debian: base(49),
  centos: base(76),
  fedora: base(65),
  rockylinux: base(70),
  amazonlinux: base(53),
  'hello-world': { mb: 0.01, system: 'none', runs: () => ends(0) },
  'hello-app': serves(4, [8080], { system: 'busybox' }),
  'node-hello': serves(270, [8080]),
  nginx: pages(serves(72, [80]), NGINX_PAGES),
  'nginx-slim': pages(serves(46, [80]), NGINX_PAGES),
  'nginx-unprivileged': pages(serves(72, [8080], { user: 101 }), NGINX_PAGES),
  httpd: pages(serves(58, [80]), ['/', '/index.html']),
  caddy: serves(16, [80, 443, 2019], { system: 'busybox' }),
  traefik: serves(50, [80, 8080], { system: 'busybox' }),
  haproxy: serves(42, 'any'),
  'http-echo': serves(3, [5678], { user: 'nonroot', system: 'none' }),
  whoami: serves(3, [80], { system: 'none' }),
  echoserver: serves(44, [8080]),
  'hpa-example': serves(180, [80]),
  kubernetes: serves(77, [80]),
  'kubernetes-bootcamp': serves(77, [8080]),
  'gb-frontend': serves(360, [80]),
  tomcat: serves(180, [8080]),
  jetty: serves(170, [8080], { user: 'jetty' }),
  redis: serves(45, [6379]),
  valkey: serves(45, [6379]),
  'redis-slave': serves(45, [6379]),
  memcached: serves(32, [11211], { user: 'memcache' }),
  rabbitmq: serves(105, [4369, 5672, 15692, 25672]),
  mongo: serves(280, [27017]),
  cassandra: serves(140, [7000, 7199, 9042]),
  zookeeper: serves(110, [2181, 2888, 3888, 8080]),
  'kubernetes-zookeeper': serves(110, [2181, 2888, 3888], { user: 1000 }),
  elasticsearch: serves(640, [9200, 9300], { user: 'elasticsearch' }),
  influxdb: serves(120, [8086]),
  postgres: guarded(150, 5432, ['POSTGRES_PASSWORD', 'POSTGRES_PASSWORD_FILE', 'POSTGRES_HOST_AUTH_METHOD']),
  mysql: guarded(180, 3306, ['MYSQL_ROOT_PASSWORD', 'MYSQL_ROOT_PASSWORD_FILE', 'MYSQL_ALLOW_EMPTY_PASSWORD', 'MYSQL_RANDOM_ROOT_PASSWORD']),
  mariadb: guarded(110, 3306, [
    ...['ROOT_PASSWORD', 'ROOT_PASSWORD_HASH', 'ALLOW_EMPTY_ROOT_PASSWORD', 'RANDOM_ROOT_PASSWORD'].map((name) => `MARIADB_${name}`),
    ...['MYSQL_ROOT_PASSWORD', 'MYSQL_ALLOW_EMPTY_PASSWORD', 'MYSQL_RANDOM_ROOT_PASSWORD'],
  ]),
  wordpress: serves(240, [80]),
  grafana: serves(150, [3000], { user: 472 }),
  prometheus: serves(110, [9090], { user: 'nobody', system: 'busybox' }),
  alertmanager: serves(30, [9093], { user: 'nobody', system: 'busybox' }),
  'node-exporter': serves(12, [9100], { user: 'nobody', system: 'busybox' }),
  registry: serves(10, [5000], { system: 'busybox' }),
  'metrics-server': serves(20, [4443, 10250], { user: 65534, system: 'none' }),
  coredns: serves(20, [53, 8080, 8181, 9153], { user: 65532, system: 'none' }),
  etcd: serves(60, [2379, 2380], { system: 'none' }),
  fluentd: serves(70, [24224], { user: 'fluent' }),
  'fluent-bit': serves(33, [2020], { system: 'none' }),
  envoy: serves(60, 'any'),
  'docker-registry': serves(10, [5000]),
  python: base(370),
  node: base(390),
  perl: base(350),
  ruby: base(360),
  golang: base(300),
  openjdk: base(240),
  php: base(180),
  curl: tool(10, 2),
  kubectl: tool(60),
  git: tool(30, 1),
  helm: tool(60),
  'aws-cli': tool(120, 252),
};

/** What is known of an image; its tag says nothing, but that `php` and others serve when they are for Apache. */
export function knownImage({ repository, tag = '' }: ImageReference): KnownImage | undefined {
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  if (name === 'php' && tag.includes('apache')) return serves(180, [80]);
  if (name === 'php' && tag.includes('fpm')) return serves(160, [9000]);
  return Object.hasOwn(known, name) ? known[name] : undefined;
}
