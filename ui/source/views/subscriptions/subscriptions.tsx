import { get } from '../../api/client.ts';
import { at, clusterName, offset } from '../../model/cluster.ts';
import { Count } from '../../parts/count.tsx';
import { draft } from '../../parts/draft.ts';
import { FullName } from '../../parts/full-name.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { isFound } from '../../parts/search.ts';
import { useBeat } from '../../parts/use-beat.ts';
import { useRead } from '../../parts/use-read.ts';
import { type Column, VirtualRows } from '../../parts/virtual-rows.tsx';
import { go, linkTo } from '../../route.ts';

interface Subscription {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: { readonly target: Readonly<Record<string, Readonly<Record<string, unknown>>>>; readonly suspended?: boolean };
  readonly status?: {
    readonly offset?: number;
    readonly deliveries?: number;
    readonly deadLetters?: number;
    readonly attempts?: number;
    readonly lastError?: string;
    readonly lastDeliveryTime?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string; readonly message?: string }[];
  };
}

const PATHS = { subscriptions: '/apis/logplane.dev/v1/subscriptions', clustersubscriptions: '/apis/logplane.dev/v1/clustersubscriptions' } as const;

/** Who is told of changes, and how far each has come. */
export function Subscriptions() {
  const cluster = clusterName.value;
  const when = at.value;
  const isLive = when === undefined;
  const beats = [
    useBeat({ cluster, path: isLive ? PATHS.subscriptions : undefined }),
    useBeat({ cluster, path: isLive ? PATHS.clustersubscriptions : undefined }),
  ];
  const { value, error } = useRead(
    async (signal) => {
      const lists = await Promise.all(
        Object.entries(PATHS).map(async ([resource, path]) => {
          const { items } = await get<{ items: Subscription[] }>({ cluster, at: when }, path, { signal });
          return items.map((item) => ({ ...item, resource }));
        }),
      );
      return lists.flat();
    },
    cluster,
    [when, ...beats],
  );
  const found = (value ?? []).filter(({ metadata, spec }) => isFound(metadata.namespace, metadata.name, targetOf(spec)));
  return (
    <section class="panel subscriptions" aria-labelledby="subscriptions">
      <h1 id="subscriptions">
        Subscriptions <Count of={value?.length ?? 0} />
      </h1>
      <Refusal error={error} />
      {!value && !error && <output class="quiet">Reading …</output>}
      {value?.length === 0 && (
        <p>
          Nobody is told of what changes here. A <code>Subscription</code> tells a webhook, a queue, a topic, an event bus or a function of the changes that it
          names, each at least once and in order for each object.{' '}
          <button
            type="button"
            onClick={() => {
              draft.value = EXAMPLE;
              go({ view: 'what-if' });
            }}
          >
            Begin with an example
          </button>
        </p>
      )}
      {found.length > 0 && (
        <VirtualRows
          items={found}
          keyOf={(one) => restOf(one).join('/')}
          columns={COLUMNS}
          rowHeight={52}
          narrowHeight={92}
          label="Subscriptions"
          choose={(one) => go({ view: 'object', rest: restOf(one) })}
        />
      )}
    </section>
  );
}

const EXAMPLE = `apiVersion: logplane.dev/v1
kind: Subscription
metadata:
  name: rollouts
  namespace: default
spec:
  filter:
    resources: [deployments.apps]
  target:
    webhook:
      url: https://hooks.example.com/rollouts
`;

interface Shown extends Subscription {
  readonly resource: string;
}

const COLUMNS: readonly Column<Shown>[] = [
  {
    title: 'Subscription',
    style: 'name two',
    cell: (one) => (
      <>
        <a href={linkTo({ view: 'object', rest: restOf(one) })} tabIndex={-1}>
          <FullName {...one.metadata} />
        </a>
        <span class="quiet" title={targetOf(one.spec)}>
          {targetOf(one.spec)}
        </span>
      </>
    ),
  },
  {
    title: 'Behind',
    style: 'cell',
    tone: (one) => (behindOf(one) > FAR ? 'bad' : ''),
    cell: behindOf,
    tip: () => 'Changes of the cluster since the last one that it was told of, or that does not concern it',
  },
  {
    title: 'Told',
    style: 'cell two',
    cell: ({ status: { deliveries = 0, deadLetters = 0 } = {} }) => (
      <>
        <span>{deliveries}</span>
        {deadLetters > 0 && <span class="bad">{deadLetters} given up</span>}
      </>
    ),
  },
  { title: 'How it does', style: 'message two', cell: ({ spec, status = {} }) => <Doing spec={spec} status={status} /> },
];

const restOf = ({ resource, metadata }: Shown): string[] =>
  ['logplane.dev', 'v1', resource, metadata.namespace, metadata.name].filter((part) => part !== undefined);

function behindOf({ status }: Shown): number {
  return Math.max(0, offset.value - (status?.offset ?? 0));
}

/** Changes that pass in a moment. */
const FAR = 1_000;

function Doing({ spec, status }: { readonly spec: Subscription['spec']; readonly status: NonNullable<Subscription['status']> }) {
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  const word = spec.suspended ? 'suspended' : !ready ? 'not looked at yet' : ready.status === 'True' ? 'ready' : (ready.reason ?? 'not ready');
  const why = status.lastError ?? (ready?.status === 'True' ? undefined : ready?.message);
  return (
    <>
      <span class={ready?.status === 'False' ? 'bad' : ''}>
        {word}
        {status.attempts ? `, ${status.attempts} ${status.attempts === 1 ? 'attempt' : 'attempts'} in vain` : ''}
      </span>
      <span class="quiet" title={why}>
        {why ?? (status.lastDeliveryTime && `last told ${new Date(status.lastDeliveryTime).toLocaleString()}`)}
      </span>
    </>
  );
}

/** `webhook https://…` */
function targetOf({ target }: Subscription['spec']): string {
  const [[kind, fields] = ['', {}]] = Object.entries(target);
  return [kind, fields['url'] ?? fields['queueUrl'] ?? fields['topicArn'] ?? fields['eventBusName'] ?? fields['functionName']].filter(Boolean).join(' ');
}
