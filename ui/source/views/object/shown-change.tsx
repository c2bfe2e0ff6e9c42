import { useState } from 'preact/hooks';
import { ApiError, get } from '../../api/client.ts';
import { type ApiResource, pathOf } from '../../api/discovery.ts';
import { yamlOf } from '../../api/yaml.ts';
import { clusterName, lookAt } from '../../model/cluster.ts';
import { LineDifferences } from '../../parts/line-differences.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { useRead } from '../../parts/use-read.ts';
import { type Cause, changePath, shortActor, type WholeChange } from './change.ts';
import { linkToNamed } from './place.ts';
import { TakeBack } from './take-back.tsx';

interface ShownChangeProps {
  readonly offset: number;
  readonly resource: ApiResource;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly resources: readonly ApiResource[];
}

/** One change: who made it, because of what, and what it changed. */
export function ShownChange({ offset, resource, namespace, name, resources }: ShownChangeProps) {
  const cluster = clusterName.value;
  const { value: change, error } = useRead((signal) => get<WholeChange>({ cluster }, changePath(offset, namespace), { signal }), `${cluster} ${offset}`, []);
  const [isLines, setLines] = useState(false);
  const [takesBack, setTakesBack] = useState<'offset' | 'request' | undefined>();
  if (error) return <Refusal error={error} />;
  if (!change) return <output class="quiet">Reading the change …</output>;
  const { actor, manager, entry, causes = [], placement, differences } = change;
  return (
    <section class="panel shown-change" aria-labelledby="shown-change">
      <h2 id="shown-change">Change {offset}</h2>
      <p>
        {new Date(change.time).toLocaleString()} by <b>{shortActor(actor.username)}</b>
        {manager?.name && ` (${manager.name}${manager.operation === 'Apply' ? ', applied' : ''})`}
        {entry && entry.events > 1 && <span class="quiet"> · at once with {entry.events === 2 ? 'another one' : `${entry.events - 1} others`}</span>}
      </p>
      <p class="actions">
        <button type="button" onClick={() => lookAt(offset)}>
          Look at this moment
        </button>
        <button type="button" onClick={() => setTakesBack('offset')}>
          Undo …
        </button>
        <button type="button" onClick={() => setTakesBack('request')}>
          Undo, with all that it caused …
        </button>
      </p>
      <h3>Why</h3>
      <Why causes={causes} resources={resources} actor={actor.username} />
      {placement && <Placement placement={placement} />}
      <h3>What</h3>
      {differences === undefined ? (
        <p class="quiet">You may not see what changed.</p>
      ) : (
        <ul class="differences">
          {differences.map(({ path, from, to }) => (
            <li key={path}>
              <code>{path}</code>
              {from !== undefined && <del>{inWords(from)}</del>}
              {to !== undefined && <ins>{inWords(to)}</ins>}
            </li>
          ))}
          {differences.length === 0 && (
            <li class="quiet">{change.type === 'MODIFIED' ? 'No field of its own.' : `The object was ${change.type === 'ADDED' ? 'made' : 'deleted'}.`}</li>
          )}
        </ul>
      )}
      <button type="button" aria-expanded={isLines} onClick={() => setLines(!isLines)}>
        {isLines ? 'Without the YAML' : 'As YAML, line by line'}
      </button>
      {isLines && <Lines path={pathOf(resource, { namespace, name })} offset={offset} />}
      {takesBack && <TakeBack offset={offset} with={takesBack} namespace={namespace} close={() => setTakesBack(undefined)} />}
    </section>
  );
}

/** Values of many lines, and long ones, are told in short: the YAML has them whole. */
function inWords(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 400 ? `${text.slice(0, 400)} …` : text || '""';
}

/** From the request that began it, to the change. */
function Why({ causes, resources, actor }: { readonly causes: readonly Cause[]; readonly resources: readonly ApiResource[]; readonly actor: string }) {
  if (causes.length === 0) return <p>It was asked for by {shortActor(actor)}: nothing before it brought it about.</p>;
  return (
    <ol class="causes">
      {causes.toReversed().map(({ offset, object, namespace, actor: by, what, type }) => (
        <li key={offset}>
          {object === undefined ? (
            <span class="quiet">change {offset}, which is no longer kept, or is not yours to read</span>
          ) : (
            <>
              <a href={linkToNamed(resources, { object, namespace, query: { tab: 'changes', change: String(offset) } })}>
                {offset} {object}
              </a>{' '}
              {type === 'ADDED' ? 'made' : type === 'DELETED' ? 'deleted' : what} <span class="quiet">by {shortActor(by ?? '')}</span>
            </>
          )}
        </li>
      ))}
    </ol>
  );
}

function Placement({ placement: { filtered = [], best = [] } }: { readonly placement: NonNullable<WholeChange['placement']> }) {
  return (
    <>
      <h3>Why there</h3>
      <ul>
        {best.slice(0, 3).map(({ node, score }, i) => (
          <li key={node}>
            {i === 0 ? <b>{node}</b> : node} <span class="quiet">scored {score}</span>
          </li>
        ))}
        {filtered.map(({ plugin, reason, nodes }) => (
          <li key={`${plugin} ${reason}`}>
            {nodes} {nodes === 1 ? 'node' : 'nodes'} not: {reason} <span class="quiet">{plugin}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** The object before the change and after it; '' where it is not there. */
function Lines({ path, offset }: { readonly path: string; readonly offset: number }) {
  const cluster = clusterName.value;
  const { value, error } = useRead(
    async (signal) => {
      const [before, after] = await Promise.all([offset - 1, offset].map((at) => (at < 1 ? '' : yamlOf({ cluster, at }, path, { signal }).catch(absent))));
      return { before: before!, after: after! };
    },
    `${cluster} ${path} ${offset}`,
    [],
  );
  if (error) return <Refusal error={error} />;
  return value ? <LineDifferences {...value} label={`What change ${offset} changed, line by line`} /> : <output class="quiet">Reading …</output>;
}

function absent(error: Error): string {
  if (error instanceof ApiError && error.code === 404) return '';
  throw error;
}
