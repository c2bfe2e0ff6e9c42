import { defineConfig } from 'vitepress';

// Node reads them itself: Vite would bundle them with the settings of the project's own compiler, which it does not know.
const { contents } = await import(new URL('../../../scripts/docs/contents.ts', import.meta.url).href);
const { anchorOf } = await import(new URL('../../../scripts/docs/headings.ts', import.meta.url).href);

/** The site of `npm run docs`, which writes its pages into `pages/` first (scripts/docs/build.ts). It loads nothing from elsewhere. */
export default defineConfig({
  title: 'Logplane',
  description: 'A Kubernetes control plane with no servers. The cluster is a log.',
  lang: 'en',
  head: [['link', { rel: 'icon', href: `${process.env.DOCS_BASE ?? '/'}icon.svg` }]],
  srcDir: 'pages',
  outDir: 'dist',
  cacheDir: 'node_modules/.cache/vitepress',
  // Pages find each other wherever the site is put.
  base: process.env.DOCS_BASE ?? '/',
  lastUpdated: false,
  markdown: {
    // What stands in angle brackets is text.
    html: false,
    linkify: false,
    anchor: { slugify: anchorOf },
    headers: { slugify: anchorOf },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: { level: [2, 3] },
    nav: [
      { text: 'Start here', link: '/start' },
      { text: 'Command line', link: '/cli' },
      { text: 'Differences', link: '/differences' },
      { text: 'Comparison', link: '/comparison' },
    ],
    sidebar: contents.map(({ title, pages, folded }) => ({
      text: title,
      ...(folded && { collapsed: true }),
      items: pages.map(({ title, page }) => ({ text: title, link: `/${page}` })),
    })),
  },
});
