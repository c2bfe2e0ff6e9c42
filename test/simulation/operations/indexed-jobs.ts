import type { Job } from '../../../core/schema/generated/kinds.ts';
import type { Client } from '../client.ts';
import * as manifests from '../manifests.ts';

/** Runs Indexed Jobs, pods of which fail now and then and are deleted at work: their indexes are tried again. */
export class IndexedJobs {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async next(): Promise<void> {
    const { chance } = this.#client;
    const name = chance.pick(names);
    if (chance.happens(0.6)) await this.#client.create('jobs.batch', this.#job(name));
    else if (chance.happens(0.4)) await this.#client.delete({ resource: 'jobs.batch', namespace: NAMESPACE, name }, { propagationPolicy: 'Background' });
    else {
      const pods = (await this.#client.list('pods', NAMESPACE, 500))?.filter(({ metadata }) => metadata.labels?.['app'] === name);
      if (pods?.length) await this.#client.delete({ resource: 'pods', namespace: NAMESPACE, name: chance.pick(pods).metadata.name });
    }
  }

  #job(name: string): Job {
    const { chance } = this.#client;
    const { spec, ...job } = manifests.job(chance, NAMESPACE, name);
    const { backoffLimit: _b, ttlSecondsAfterFinished: _t, template, ...rest } = spec!;
    const [container] = template.spec!.containers;
    const command = ['sh', '-c', `sleep ${chance.whole(0, 8)}; exit $((RANDOM % ${chance.pick([1, 2, 3])}))`];
    return {
      ...job,
      spec: {
        ...rest,
        completions: chance.whole(2, 5),
        parallelism: chance.whole(1, 3),
        completionMode: 'Indexed',
        ...(chance.happens(0.5) ? { backoffLimitPerIndex: chance.whole(0, 2) } : { backoffLimit: chance.whole(1, 4) }),
        template: { ...template, spec: { ...template.spec!, restartPolicy: 'Never', containers: [{ ...container!, command }] } },
      },
    };
  }
}

const NAMESPACE = 'default';
const names = ['indexed-1', 'indexed-2', 'indexed-3'];
