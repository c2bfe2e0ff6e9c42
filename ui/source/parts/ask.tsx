import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Refusal } from './refusal.tsx';

interface AskProps {
  readonly title: string;
  /** What is done then, on its button. */
  readonly yes: string;
  readonly isDangerous?: boolean;
  /** Nothing can be done yet. */
  readonly isBlocked?: boolean;
  readonly act: () => Promise<void>;
  readonly close: () => void;
  readonly children: ComponentChildren;
}

/** Asks before something is written. It closes when that is done, and stays with what is said against it otherwise. */
export function Ask({ title, yes, isDangerous = false, isBlocked = false, act, close, children }: AskProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const [error, setError] = useState<Error | undefined>();
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    dialog.current?.showModal();
    // What had the focus before has it again, but where it is gone by now: what was done has done away with it.
    return () => {
      if (document.activeElement === null || document.activeElement === document.body) document.getElementById('main')?.focus();
    };
  }, []);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await act();
      dialog.current?.close();
    } catch (refused) {
      setError(refused as Error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={close} class="ask">
      <form onSubmit={submit}>
        <h2 id={id}>{title}</h2>
        {children}
        <Refusal error={error} />
        <p class="actions">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class={isDangerous ? 'dangerous' : 'primary'} disabled={isBusy || isBlocked}>
            {yes}
          </button>
        </p>
      </form>
    </dialog>
  );
}
