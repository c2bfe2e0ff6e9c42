import { useState } from 'preact/hooks';
import { isPast } from '../../model/cluster.ts';
import type { Trouble } from '../../model/troubles.ts';
import { Count } from '../../parts/count.tsx';
import { ObjectLink } from '../../parts/object-link.tsx';
import { isFound } from '../../parts/search.ts';
import { Why } from './why.tsx';

const AT_FIRST = 6;

/** What is not well, and why, a sentence each. */
export function Troubles({ troubles }: { readonly troubles: readonly Trouble[] }) {
  const [isWhole, setWhole] = useState(false);
  const found = troubles.filter(({ subject, namespace, sentence }) => isFound(subject, namespace, sentence));
  const shown = isWhole ? found.slice(0, 500) : found.slice(0, AT_FIRST);
  return (
    <section aria-labelledby="troubles" class="panel troubles">
      <h2 id="troubles">
        {troubles.length === 0 ? (isPast.value ? 'All was well' : 'All is well') : isPast.value ? 'What was not well' : 'What is not well'}{' '}
        <Count of={troubles.length} />
      </h2>
      {found.length === 0 && troubles.length > 0 && <p class="quiet">None of it is about that.</p>}
      {shown.length > 0 && (
        <ul>
          {shown.map((trouble) => (
            <TroubleLine key={`${trouble.namespace}/${trouble.subject}/${trouble.sentence}`} trouble={trouble} />
          ))}
        </ul>
      )}
      {found.length > AT_FIRST && (
        <button type="button" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Fewer' : `${found.length - AT_FIRST} more`}
        </button>
      )}
    </section>
  );
}

function TroubleLine({ trouble }: { readonly trouble: Trouble }) {
  const [isAsked, ask] = useState(false);
  const { severity, namespace, subject, sentence } = trouble;
  return (
    <li class={severity === 'bad' ? 'serious' : 'mild'}>
      <p>
        <span class="unseen">{severity === 'bad' ? 'Trouble: ' : 'Warning: '}</span>
        {namespace && <span class="namespace">{namespace}/</span>}
        <ObjectLink resource={trouble.example.resource} of={trouble.example}>
          {subject}
        </ObjectLink>{' '}
        {sentence}
      </p>
      <button type="button" aria-expanded={isAsked} onClick={() => ask(!isAsked)}>
        Why
      </button>
      {isAsked && <Why trouble={trouble} />}
    </li>
  );
}
