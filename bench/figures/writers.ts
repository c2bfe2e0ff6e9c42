import { defaultAdmissionPlugins } from '../../core/admission/default-plugins.ts';
import { bootstrap } from '../../core/bootstrap/bootstrap.ts';
import { bootstrapObjects } from '../../core/bootstrap/initial-objects.ts';
import { decide } from '../../core/decide/decide.ts';
import { decided } from '../../core/decide/decision.ts';
import { systemEnv } from '../../core/env.ts';
import { StatusError } from '../../core/kube/status.ts';
import { userNamed } from '../../core/kube/user.ts';
import { memoryLog } from '../../core/log/memory/memory-log.ts';
import { Replica } from '../../core/replica/replica.ts';
import { deployed } from '../deployed-log.ts';
import { quantile } from '../workloads.ts';

const SECONDS = 4;

/** Creates of a ConfigMap a second by many replicas that each write one at a time, as the instances of a function do, on one log that answers after 5 ms. */
export async function writers(): Promise<Record<string, number>> {
  const out: Record<string, number> = {};
  for (const count of [20, 100]) {
    const { perSecond, times, refused } = await write(count);
    out[`writers_${count}_per_s`] = perSecond;
    if (count === 100) Object.assign(out, { writers_100_p99_ms: quantile(times, 0.99), writers_100_refused: refused });
  }
  return out;
}

async function write(count: number): Promise<{ perSecond: number; times: number[]; refused: number }> {
  const log = deployed(memoryLog());
  const open = () => Replica.open({ log, cluster: 'bench', env: systemEnv });
  const first = await open();
  await bootstrap(first, { objects: bootstrapObjects(first.now()), env: systemEnv, admissionPlugins: defaultAdmissionPlugins });
  const replicas = await Promise.all(Array.from({ length: count }, open));
  const times: number[] = [];
  let refused = 0;
  const until = performance.now() + SECONDS * 1000;
  await Promise.all(
    replicas.map(async (replica, writer) => {
      for (let i = 0; performance.now() < until; i++) {
        const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `c-${writer}-${i}`, namespace: 'default' }, data: { key: 'value' } };
        const started = performance.now();
        try {
          await replica.commit((state, now) => {
            const context = { env: systemEnv, now, actor: userNamed('bench'), plugins: defaultAdmissionPlugins };
            const { events } = decided(decide(state, { type: 'create', resource: 'configmaps', object }, context));
            return { events, answer: () => undefined };
          });
          times.push(performance.now() - started);
        } catch (error) {
          if (!(error instanceof StatusError)) throw error;
          refused++;
        }
      }
    }),
  );
  return { perSecond: times.length / SECONDS, times, refused };
}
