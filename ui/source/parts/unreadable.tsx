import { unreadable } from '../model/cluster.ts';
import { linkTo } from '../route.ts';

/** What the user may not read: that nothing of it is shown does not say that there is none. */
export function Unreadable() {
  if (unreadable.value.length === 0) return null;
  return (
    <p class="notice">
      You may not read these of the whole cluster, so that nothing of them is shown: {unreadable.value.join(', ')}. What you may read in one namespace is among
      the <a href={linkTo({ view: 'object' })}>objects</a>.
    </p>
  );
}
