import { unreadable } from '../model/cluster.ts';
import { resourceNames } from '../model/resources.ts';
import { linkTo } from '../route.ts';

/** What the user may not read of the whole cluster: that nothing of it is shown does not say that there is none. */
export function Unreadable() {
  const names = unreadable.value;
  if (names.length === 0) return null;
  const isAll = names.length === resourceNames.length;
  return (
    <p class="notice">
      {isAll ? 'You may read nothing of the whole cluster' : `You may not read ${names.join(', ')} of the whole cluster, and nothing of them is shown`}.{' '}
      {names.some((name) => name !== 'nodes') && (
        <>
          What you may read in one namespace is found among the <a href={linkTo({ view: 'object' })}>objects</a>.
        </>
      )}
    </p>
  );
}
