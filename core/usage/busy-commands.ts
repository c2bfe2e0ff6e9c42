import type { Container } from '../schema/generated/kinds.ts';

/** What a command is known to use: programs that are there to use it, and loops that never wait. In cores and bytes. */
export function usageByCommand({ command = [], args = [] }: Container): { readonly cpu?: number; readonly memory?: number } {
  const words = [...command, ...args];
  if (words.length === 0) return NONE;
  const text = words.join(' ');
  return { ...stress(text), ...(busyLoops.some((loop) => loop.test(text)) && { cpu: 1 }), ...(devourers.some((one) => one.test(text)) && { memory: 2 ** 50 }) };
}

const NONE = {};

/**
 * `stress --cpu 2 --vm 1 --vm-bytes 250M` (and stress-ng), and the program of the image vish/stress (`-cpus 2 -mem-total 950Mi`): those of the tasks "Assign Memory Resources" and
 * "Assign CPU Resources" of the Kubernetes documentation.
 */
function stress(text: string): { cpu?: number; memory?: number } {
  const cpus = option(text, '-cpus');
  const total = option(text, '-mem-total');
  if (cpus !== undefined || total !== undefined) return { ...(cpus && { cpu: Number(cpus) }), ...(total && { memory: bytesOf(total) }) };
  if (!/\bstress(-ng)?\b/.test(text)) return NONE;
  const cpu = option(text, '--cpu') ?? option(text, '-c');
  const vm = option(text, '--vm') ?? option(text, '-m');
  const size = option(text, '--vm-bytes') ?? '256M';
  return { ...((cpu || vm) && { cpu: Number(cpu ?? 0) + Number(vm ?? 0) }), ...(vm && { memory: Number(vm) * bytesOf(size) }) };
}

/** The value of an option; undefined when it is not given, or is no number. */
function option(text: string, name: string): string | undefined {
  const [, value] = new RegExp(`(?:^|\\s)${name}[ =]"?(\\d+(?:\\.\\d+)?[a-zA-Z]*)`).exec(text) ?? [];
  return value;
}

/** Both programs count in powers of two. */
function bytesOf(text: string): number {
  const [, number, unit = ''] = /^([\d.]+)([a-zA-Z]*)$/.exec(text) ?? [];
  return Number(number) * 1024 ** Math.max(0, ' kmgt'.indexOf(unit.slice(0, 1).toLowerCase() || ' '));
}

/** They take one core each. */
const busyLoops: readonly RegExp[] = [
  /\byes\b\s*>\s*\/dev\/null/,
  /\bwhile\s+(true|:|\[ 1 \]|\(\(1\)\))\s*;\s*do\s+(:|true)\s*;\s*done\b/,
  /\b(sha\d+sum|md5sum|cat|gzip|bzip2)\b[^|;]*\/dev\/(zero|urandom)\b/,
  /\bdd\b[^|;]*if=\/dev\/(zero|urandom)[^|;]*of=\/dev\/null/,
];

/** They read without end into memory. */
const devourers: readonly RegExp[] = [/\btail\s+\/dev\/zero\b/, /\/dev\/zero\s*\|\s*tail\b/];
