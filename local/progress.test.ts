import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../core/kube/object.ts';
import type { Job } from '../core/schema/generated/kinds.ts';
import { stateOf } from '../core/testing/state.ts';
import type { Manifest } from './manifests.ts';
import { type ProgressOptions, showProgress } from './progress.ts';

const job = (namespace: string, name: string, condition?: string): Job => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name, namespace },
  status: condition ? { conditions: [{ type: condition, status: 'True', reason: `${condition}Reason` }] } : {},
});
const cluster: KubeObject = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'high' } };

/** A replica that goes through these moments. */
function through(...moments: KubeObject[][]): ProgressOptions['replica'] {
  let at = 0;
  return {
    get state() {
      return stateOf(moments[at]!);
    },
    async *changes() {
      while (at < moments.length - 1) {
        at++;
        yield [];
      }
    },
  };
}

function screen(terminal?: { columns: number; rows: number }) {
  const written: string[] = [];
  const out = Object.assign(
    new Writable({
      write(chunk, _encoding, done) {
        written.push(String(chunk));
        done();
      },
    }),
    terminal && { isTTY: true, ...terminal },
  );
  return { out, written };
}

const manifests = (...objects: KubeObject[]): Manifest[] => objects.map((object) => ({ object, source: 'test' }));

const show = (options: Omit<ProgressOptions, 'signal'>) => showProgress({ ...options, signal: new AbortController().signal });

describe('in lines', () => {
  it('tells of a place once, when all in it is ready', async () => {
    const { out, written } = screen();
    const [a, b] = [job('a', 'x'), job('b', 'x')];
    const replica = through([a, b, cluster], [a, job('b', 'x', 'Complete'), cluster], [job('a', 'x', 'Complete'), job('b', 'x', 'Complete'), cluster]);
    expect(await show({ replica, manifests: manifests(a, b, cluster), out })).toBe('ready');
    expect(written).toEqual(['✔ (cluster)  1/1 ready\n', '✔ b          1/1 ready\n', '✔ a          1/1 ready\n']);
  });

  it('does not wait for what failed', async () => {
    const { out, written } = screen();
    const replica = through([job('a', 'x', 'Failed'), job('a', 'y', 'Complete')]);
    expect(await show({ replica, manifests: manifests(job('a', 'x'), job('a', 'y')), out })).toBe('failed');
    expect(written).toEqual(['✘ a  1/2 ready  job/x FailedReason\n']);
  });

  it('says that it was stopped when it was', async () => {
    const { out, written } = screen();
    expect(await show({ replica: through([job('a', 'x')]), manifests: manifests(job('a', 'x')), out })).toBe('stopped');
    expect(written).toEqual([]);
  });
});

describe('on a terminal', () => {
  it('draws over what it drew', async () => {
    const { out, written } = screen({ columns: 80, rows: 24 });
    await show({ replica: through([job('a', 'x')], [job('a', 'x', 'Complete')]), manifests: manifests(job('a', 'x')), out });
    expect(written).toEqual(['… a  0/1 ready  job/x 0/1\n', '\x1b[1A\x1b[J✔ a  1/1 ready\n']);
  });

  it('never writes a line that would break', async () => {
    const { out, written } = screen({ columns: 30, rows: 24 });
    const jobs = ['one', 'two', 'three', 'four', 'five'].map((name) => job('somewhere', name));
    await show({ replica: through(jobs), manifests: manifests(...jobs), out });
    expect(written[0]).toBe('… somewhere  0/5 ready  job/…\n');
  });

  it('never draws more lines than there are', async () => {
    const { out, written } = screen({ columns: 80, rows: 6 });
    const jobs = ['a', 'b', 'c', 'd', 'e', 'f'].map((namespace, i) => job(namespace, 'x', i === 0 ? 'Complete' : undefined));
    await show({ replica: through(jobs), manifests: manifests(...jobs), out });
    expect(written[0]).toBe('✔ 1 ready\n… b  0/1 ready  job/x 0/1\n… c  0/1 ready  job/x 0/1\n… 3 more\n');
  });
});
