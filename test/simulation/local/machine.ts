import type { EventLog } from '../../../core/log/log.ts';
import { LogUnwritable } from '../../../core/log/log.ts';
import type { Sync } from '../../../core/log/sqlite/flush.ts';
import { type SqliteLogOptions, sqliteLog } from '../../../core/log/sqlite/sqlite-log.ts';
import { Host } from '../../../local/host.ts';
import { Process, type World } from '../process.ts';
import type { Disk } from './disk.ts';

/** How a log is opened; a test may open a worse one. */
export type OpenLog = (options: Pick<SqliteLogOptions, 'file' | 'sync'>) => EventLog;

export const productionLog: OpenLog = sqliteLog;

/** The host of one machine (local/), from its start to its end, on virtual time: it listens on no port, and keeps its log on a disk. */
export class Machine {
  readonly process: Process;
  readonly #log: EventLog;
  readonly #host: Host;

  private constructor(process: Process, log: EventLog, host: Host) {
    this.process = process;
    this.#log = log;
    this.#host = host;
  }

  /** Rejects with what the host refuses to start with. `isFull` is asked at each append. */
  static async start({ world, name, disk, openLog, isFull }: MachineOptions): Promise<Machine> {
    const process = new Process(world, name, { mortal: false });
    const { env } = process;
    const log = openLog({ file: disk.file, sync: flushing(world) });
    const full: EventLog = {
      ...log,
      async append(cluster, wanted) {
        if (isFull()) throw new LogUnwritable('database or disk is full');
        return log.append(cluster, wanted);
      },
      async check() {
        if (isFull()) throw new LogUnwritable('database or disk is full');
        return log.check();
      },
    };
    try {
      const host = await Host.start({ log: full, env, secrets, nodes: 2, cluster: 'default', problem: () => undefined });
      return new Machine(process, log, host);
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  /** A request to its API. */
  async send(method: string, path: string, body?: object, contentType = 'application/json'): Promise<{ code: number; body: unknown }> {
    const headers = { authorization: `Bearer ${secrets.token}`, ...(body && { 'content-type': contentType }) };
    const request = new Request('https://simulation', { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const response = await this.#host.fetch(request, { target: path });
    return { code: response.status, body: await response.json() };
  }

  async stop(): Promise<void> {
    await this.#host.close();
  }

  /** Nothing of it runs any more. The files that it had open are to be copied before. */
  async kill(): Promise<void> {
    this.process.kill();
    await this.#log.close();
  }
}

/** The disk takes its time for a flush. The files are as a process leaves them that is killed meanwhile: what was committed is there. */
const flushing =
  ({ time, chance }: World): Sync =>
  (_fd, done) =>
    void time.after(chance.exponential(FLUSH_MS), () => done(null));
const FLUSH_MS = 1;

export interface MachineOptions {
  readonly world: World;
  readonly name: string;
  readonly disk: Disk;
  readonly openLog: OpenLog;
  readonly isFull: () => boolean;
}

const secrets = { token: 'simulation', otherTokens: [], signingKey: Buffer.alloc(32, 7), previousSigningKeys: [] };
