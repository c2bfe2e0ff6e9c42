import { useRef } from 'preact/hooks';
import { session } from './api/session.ts';
import { Failure } from './parts/failure.tsx';
import { Header } from './parts/header.tsx';
import { Help } from './parts/help.tsx';
import { useKeys } from './parts/keys.ts';
import { usePlace } from './parts/use-place.ts';
import { view } from './route.ts';
import { SignIn } from './sign-in.tsx';
import { Slider } from './slider/slider.tsx';
import { viewNamed } from './views/registry.ts';
import { useLoaded } from './views/use-loaded.ts';

/** The whole page: who is not signed in gets no further than the door. */
export function App() {
  switch (session.value.state) {
    case 'asking':
      return <output class="door">Signing in …</output>;
    case 'out':
      return <SignIn signIn={session.value.signIn} why={session.value.why} />;
    case 'in':
      return <Cluster />;
  }
}

function Cluster() {
  useKeys();
  const main = useRef<HTMLElement>(null);
  usePlace(main);
  const current = viewNamed(view.value);
  const View = useLoaded(current);
  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: the hash is the route; the focus goes there all the same */}
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <Header />
      <main id="main" ref={main} tabIndex={-1} aria-label={current.title}>
        <Failure />
        {View ? <View /> : <output class="quiet">Loading …</output>}
      </main>
      <Slider />
      <Help />
    </>
  );
}
