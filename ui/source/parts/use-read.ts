import { useEffect, useRef, useState } from 'preact/hooks';

export interface Read<T> {
  /** What was read last; it stays while something else is read of the same, and where that fails. */
  readonly value?: T;
  readonly error?: Error;
  readonly isLoading: boolean;
}

/** Reads something, and again when what it depends on is different. `of` names what it is about: what was read of something else is forgotten. */
export function useRead<T>(read: (signal: AbortSignal) => Promise<T>, of: string, deps: readonly unknown[]): Read<T> {
  const [state, setState] = useState<Read<T> & { readonly of: string }>({ of, isLoading: true });
  const isFirst = useRef(true);
  useEffect(() => {
    const stop = new AbortController();
    const start = () => {
      if (stop.signal.aborted) return;
      setState((before) => ({ ...(before.of === of && before), of, isLoading: true }));
      read(stop.signal).then(
        (value) => stop.signal.aborted || setState({ of, value, isLoading: false }),
        (error: Error) => stop.signal.aborted || setState((before) => ({ ...(before.of === of && before), of, error, isLoading: false })),
      );
    };
    // Where the slider is dragged, only where it stands still is read.
    const timer = setTimeout(start, isFirst.current ? 0 : STANDS_STILL_MS);
    isFirst.current = false;
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [of, ...deps]);
  return state.of === of ? state : { isLoading: true };
}

const STANDS_STILL_MS = 60;
