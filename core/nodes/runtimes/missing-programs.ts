import type { KnownImage } from './known-images.ts';
import { basename, isEvidentlyMissing } from './known-programs.ts';

/** Whether an image is known not to have a program. */
export function missingIn(image: KnownImage | undefined): (program: string) => boolean {
  return (program) => {
    const name = basename(program);
    if (isEvidentlyMissing(name) || /\s/.test(program)) return true;
    if (image?.system === 'none') return SYSTEM.has(name);
    return image?.system === 'busybox' && ABSENT.has(name);
  };
}

/** What an image without a system does not have. */
const SYSTEM = new Set([
  ...[
    'sh',
    'bash',
    'ash',
    'dash',
    'cat',
    'echo',
    'printf',
    'sleep',
    'ls',
    'true',
    'false',
    'test',
    '[',
    'env',
    'date',
    'touch',
    'rm',
    'mkdir',
    'cp',
    'mv',
    'tail',
    'head',
    'grep',
  ],
  ...['curl', 'wget', 'nc', 'nslookup', 'ps', 'kill', 'id', 'hostname', 'expr', 'seq'],
]);

/** What busybox does not have, and is often taken for granted. */
const ABSENT = new Set([
  'zsh',
  'dash',
  'python',
  'python3',
  'node',
  'perl',
  'java',
  'go',
  'ruby',
  'php',
  'nginx',
  'httpd-foreground',
  'systemctl',
  'sudo',
  'apt',
  'apt-get',
  'yum',
  'dnf',
]);

/** What runc says when a container's program is not there. */
export function startError(program: string): string {
  const why = program.includes('/') ? `stat ${program}: no such file or directory` : 'executable file not found in $PATH';
  return `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: ${JSON.stringify(program)}: ${why}`;
}
