import type { ApiResource } from '../../api/discovery.ts';
import { isFound } from '../../parts/search.ts';
import { linkTo } from '../../route.ts';
import { restOf } from './place.ts';

/** All that the cluster serves lists of, group by group: its own first, then what was defined. */
export function Resources({ resources }: { readonly resources: readonly ApiResource[] }) {
  const shown = resources.filter(({ verbs, kind, resource, group, shortNames }) => verbs.includes('list') && isFound(kind, resource, group, ...shortNames));
  const groups = Map.groupBy(shown, ({ group }) => group);
  const names = [...groups.keys()].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
  return (
    <section class="resources" aria-labelledby="resources">
      <h1 id="resources">Objects</h1>
      {shown.length === 0 && <p class="quiet">No kind has that name.</p>}
      <div class="groups">
        {names.map((group) => (
          <section key={group} class="panel" aria-label={group || 'core'}>
            <h2>{group || 'core'}</h2>
            <ul>
              {groups
                .get(group)!
                .sort((a, b) => a.kind.localeCompare(b.kind))
                .map((resource) => (
                  <li key={resource.resource}>
                    <a href={linkTo({ view: 'object', rest: restOf(resource) })}>{resource.kind}</a>{' '}
                    <span class="quiet">{[resource.resource, ...resource.shortNames].join(' ')}</span>
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </div>
    </section>
  );
}

const FIRST = ['', 'apps', 'batch', 'logplane.dev'];

const rank = (group: string): number => (FIRST.includes(group) ? FIRST.indexOf(group) : FIRST.length);
