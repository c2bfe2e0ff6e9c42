import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemEnv } from '../../core/env.ts';
import { memoryLog } from '../../core/log/memory/memory-log.ts';
import { runCommandLine } from '../../local/command-line.ts';
import { Host } from '../../local/host.ts';
import { writeKubeconfig } from '../../local/kubeconfig.ts';
import { secrets } from '../../local/secrets.ts';
import type { Terminal } from '../../local/terminal.ts';

/** What a command line came to. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A terminal that nobody looks at. */
export const unheard: Terminal = {
  out: () => undefined,
  err: () => undefined,
  columns: undefined,
  colours: false,
  env: {},
  cwd: '/nowhere',
  isPlugin: false,
  exitCode: 0,
};

/** Runs the command line in this process, where nothing but what is given is there. */
export async function run(args: readonly string[], given: Partial<Terminal> = {}): Promise<Ran> {
  const [outs, errs]: [string[], string[]] = [[], []];
  const out = (text: string) => void outs.push(text);
  const err = (text: string) => void errs.push(text);
  const code = await runCommandLine(args, { ...unheard, out, err, ...given });
  return { code, out: outs.join(''), err: errs.join('') };
}

/** A host, and the command line with its kubeconfig. */
export class CommandLineHost {
  readonly dir = mkdtempSync(path.join(tmpdir(), 'logplane-test-'));
  readonly host: Host;

  private constructor(host: Host) {
    this.host = host;
    writeKubeconfig(this.kubeconfig, { server: host.url, ca: host.ca, token: host.token, cluster: 'default' });
  }

  static async start({ nodes }: { nodes: number }): Promise<CommandLineHost> {
    const problem = (message: string, error?: unknown) => {
      throw new Error(message, { cause: error });
    };
    return new CommandLineHost(
      await Host.start({ log: memoryLog(), env: systemEnv, secrets: secrets(undefined), port: 0, nodes, cluster: 'default', problem }),
    );
  }

  get kubeconfig(): string {
    return path.join(this.dir, 'kubeconfig');
  }

  /** Writes objects into a file of its directory. Returns its path. */
  write(name: string, ...objects: readonly object[]): string {
    const file = path.join(this.dir, name);
    writeFileSync(file, objects.map((object) => JSON.stringify(object)).join('\n---\n'));
    return file;
  }

  readonly run = (args: readonly string[], given: Partial<Terminal> = {}): Promise<Ran> =>
    run(args, { env: { KUBECONFIG: this.kubeconfig, HOME: this.dir }, cwd: this.dir, ...given });

  async close(): Promise<void> {
    await this.host.close();
    rmSync(this.dir, { recursive: true });
  }
}
