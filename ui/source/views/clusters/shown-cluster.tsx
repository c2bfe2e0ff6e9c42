import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { session } from '../../api/session.ts';
import { at, clusterName } from '../../model/cluster.ts';
import { bytes } from '../../model/quantity.ts';
import { Refusal } from '../../parts/refusal.tsx';
import { linkTo } from '../../route.ts';
import { patchCluster } from './cluster-calls.ts';
import type { ClusterObject } from './cluster-object.ts';
import { Cost } from './cost.tsx';
import { Fork } from './fork.tsx';
import { EndCluster, Reset } from './reset.tsx';

interface ShownClusterProps {
  readonly cluster: ClusterObject;
  /** Has it read again. */
  readonly again: () => void;
}

/** One cluster: how it does, what it has come to, and what can be done with it. */
export function ShownCluster({ cluster, again }: ShownClusterProps) {
  const { metadata, spec, status = {} } = cluster;
  const { name } = metadata;
  const [asks, setAsks] = useState<'fork' | 'reset' | 'end' | undefined>();
  const [error, setError] = useState<Error | undefined>();
  const isShown = name === clusterName.value;
  // The one that the host's own path shows stays.
  const isDefault = session.value.state === 'in' && session.value.cluster === name;
  const close = () => {
    setAsks(undefined);
    again();
  };
  const suspend = () =>
    patchCluster(name, { suspended: !spec.suspended }).then(
      () => {
        setError(undefined);
        again();
      },
      (refused: Error) => setError(refused),
    );
  return (
    <section class="panel shown-cluster" aria-labelledby="shown-cluster">
      <h2 id="shown-cluster">{name}</h2>
      <p class="actions">
        {!isShown && (
          <a class="button" href={linkTo({ cluster: name, at: undefined, view: 'now' })}>
            Open
          </a>
        )}
        <button type="button" onClick={() => setAsks('fork')}>
          Fork {isShown && at.value !== undefined ? `at ${at.value}` : 'here'} …
        </button>
        <button type="button" onClick={() => setAsks('reset')}>
          Reset …
        </button>
        <button type="button" onClick={suspend}>
          {spec.suspended ? 'Let it go on' : 'Suspend'}
        </button>
        {!isDefault && (
          <button type="button" class="dangerous" onClick={() => setAsks('end')}>
            Delete …
          </button>
        )}
      </p>
      <Refusal error={error} />
      {status.failure && <p class="bad">{status.failure}</p>}
      {status.reset?.failure && <p class="bad">The reset could not be done: {status.reset.failure}</p>}
      <dl class="cluster-figures">
        <Figure name="State">{metadata.deletionTimestamp ? 'being deleted' : status.phase}</Figure>
        {spec.forkOf && (
          <Figure name="Fork of">
            {spec.forkOf.name} at {status.fork?.offset ?? spec.forkOf.at ?? 'its creation'}
          </Figure>
        )}
        <Figure name="Forks of it">{status.forks ?? 0}</Figure>
        <Figure name="Offset">{status.offset}</Figure>
        <Figure name="Last change">{status.lastActivity ? new Date(status.lastActivity).toLocaleString() : 'none yet'}</Figure>
        {status.objects !== undefined && <Figure name="Objects">{status.objects}</Figure>}
        {status.bytes !== undefined && <Figure name="In memory">{bytes(status.bytes)}</Figure>}
        {status.expiresAt && <Figure name="Goes by itself">{new Date(status.expiresAt).toLocaleString()}</Figure>}
        {spec.clock && <Figure name="Clock">{spec.clock.paused ? 'stands still' : `${spec.clock.rate ?? 1} s a second`}</Figure>}
        {spec.retention && <Figure name="Keeps its past for">{spec.retention}</Figure>}
        {status.reset && (
          <Figure name="Last reset">
            to {status.reset.offset} ({status.reset.to})
          </Figure>
        )}
      </dl>
      {status.reconcilers?.map(({ name: reconciler, error: failed, since }) => (
        <p key={reconciler} class="bad">
          {reconciler} fails since {new Date(since).toLocaleString()}: {failed}
        </p>
      ))}
      <Cost writes={status.writes} changes={(status.offset ?? 0) - (status.fork?.offset ?? 0)} />
      {asks === 'fork' && <Fork of={name} close={close} />}
      {asks === 'reset' && <Reset name={name} close={close} />}
      {asks === 'end' && <EndCluster name={name} forks={status.forks ?? 0} close={close} />}
    </section>
  );
}

const Figure = ({ name, children }: { readonly name: string; readonly children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
