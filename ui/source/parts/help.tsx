import { useEffect, useRef } from 'preact/hooks';
import { session, signOut } from '../api/session.ts';
import { isHelpOpen, KEYS } from './keys.ts';

/** The keys of the page. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = isHelpOpen.value;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
  }, [isOpen]);
  return (
    <dialog ref={dialog} aria-labelledby="help-title" onClose={() => (isHelpOpen.value = false)}>
      <h2 id="help-title">Help</h2>
      <p>
        The line at the bottom is the past of the cluster: drag it, and all that is shown becomes what it was then. Marks are what people and their tools did.
      </p>
      <h3>Keys</h3>
      <dl class="keys">
        {KEYS.map(({ keys, does }) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <p class="actions">
          <button type="submit">Close</button>
          <button type="button" onClick={signOut}>
            Sign out
          </button>
          {session.value.state === 'in' && <span class="quiet">Signed in as {session.value.user}</span>}
        </p>
      </form>
    </dialog>
  );
}
