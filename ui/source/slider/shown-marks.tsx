import { useRef, useState } from 'preact/hooks';
import { lookAt, offset } from '../model/cluster.ts';
import { type Mark, marks } from './marks.ts';
import { dateText } from './times.ts';

const MOST = 120;

/** What people and their tools did, where it was. Tab leads to the one that is looked at, or to the last before it; arrows to the others, Enter goes there. */
export function ShownMarks({ from, to }: { readonly from: number; readonly to: number }) {
  const bar = useRef<HTMLDivElement>(null);
  const [told, tell] = useState<Mark | undefined>();
  const shown = marks.value.filter((mark) => mark.offset >= from && mark.offset <= to).slice(-MOST);
  const stop = told && shown.includes(told) ? told : (shown.findLast((mark) => mark.offset <= offset.value) ?? shown[0]);
  const press = (event: KeyboardEvent) => {
    const at = shown.indexOf(stop!);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: shown.length - 1 }[event.key];
    if (next === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    bar.current?.querySelectorAll<HTMLElement>('.mark')[next]?.focus();
  };
  const left = (mark: Mark) => ((mark.offset - from) / Math.max(1, to - from)) * 100;
  return (
    <div class="marks" ref={bar} role="toolbar" aria-label="What people and their tools did" onKeyDown={press}>
      {shown.map((mark) => (
        <button
          key={mark.offset}
          type="button"
          tabIndex={mark === stop ? 0 : -1}
          class={`mark ${mark.type.toLowerCase()} ${mark.offset === offset.value ? 'looked-at' : ''}`}
          style={{ left: `${left(mark)}%` }}
          aria-label={inWords(mark)}
          onFocus={() => tell(mark)}
          onBlur={() => tell(undefined)}
          onPointerEnter={() => tell(mark)}
          onPointerLeave={() => tell(undefined)}
          onClick={() => lookAt(mark.offset)}
        />
      ))}
      {told && (
        <p class="tip" aria-hidden="true" style={left(told) < 50 ? { left: `${left(told)}%` } : { right: `${100 - left(told)}%` }}>
          {inWords(told)}
        </p>
      )}
    </div>
  );
}

const DID = { ADDED: 'made', MODIFIED: 'changed', DELETED: 'deleted' } as const;

const inWords = ({ offset: at, time, type, resource, namespace, name, actor, what }: Mark): string =>
  `${at}, ${dateText(Date.parse(time))}: ${actor} ${DID[type]} ${resource.replace(/\..*/, '')} ${namespace ? `${namespace}/` : ''}${name}${type === 'MODIFIED' && what ? `: ${what}` : ''}`;
