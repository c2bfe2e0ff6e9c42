import { get } from '../../api/client.ts';
import { at, clusterName, offset } from '../../model/cluster.ts';
import { Refusal } from '../../parts/refusal.tsx';
import { isFound } from '../../parts/search.ts';
import { useBeat } from '../../parts/use-beat.ts';
import { useRead } from '../../parts/use-read.ts';
import { VirtualRows } from '../../parts/virtual-rows.tsx';
import { go, linkTo } from '../../route.ts';
import { Count } from '../now/troubles.tsx';

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
  const rest = ({ resource, metadata }: { readonly resource: string; readonly metadata: Subscription['metadata'] }) =>
    ['logplane.dev', 'v1', resource, metadata.namespace, metadata.name].filter((part) => part !== undefined);
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
          names, each at least once and in order for each object.
        </p>
      )}
      {found.length > 0 && (
        <VirtualRows
          items={found}
          keyOf={(one) => rest(one).join('/')}
          rowHeight={52}
          label="Subscriptions"
          choose={(one) => go({ view: 'object', rest: rest(one) })}
          head={
            <>
              <span role="columnheader" class="name">
                Subscription
              </span>
              <span role="columnheader" class="cell">
                Behind
              </span>
              <span role="columnheader" class="cell">
                Told
              </span>
              <span role="columnheader" class="message">
                How it does
              </span>
            </>
          }
        >
          {(one) => {
            const { metadata, spec, status = {} } = one;
            const behind = Math.max(0, offset.value - (status.offset ?? 0));
            return (
              <>
                <span role="rowheader" class="name two">
                  <a href={linkTo({ view: 'object', rest: rest(one) })} tabIndex={-1}>
                    {metadata.namespace && <span class="namespace">{metadata.namespace}/</span>}
                    {metadata.name}
                  </a>
                  <span class="quiet" title={targetOf(spec)}>
                    {targetOf(spec)}
                  </span>
                </span>
                <span
                  role="cell"
                  class={`cell ${behind > FAR ? 'bad' : ''}`}
                  title="Changes of the cluster since the last one that it was told of, or that does not concern it"
                >
                  {behind}
                </span>
                <span role="cell" class="cell two">
                  <span>{status.deliveries ?? 0}</span>
                  {status.deadLetters ? <span class="bad">{status.deadLetters} given up</span> : null}
                </span>
                <span role="cell" class="message two">
                  <Doing spec={spec} status={status} />
                </span>
              </>
            );
          }}
        </VirtualRows>
      )}
    </section>
  );
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
