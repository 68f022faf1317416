import { useEffect, useState } from 'preact/hooks';
import { Icon } from './icons.tsx';
import { recall, remember } from './memory.ts';

const dark = window.matchMedia('(prefers-color-scheme: dark)');

/** Light or dark: the system's choice until one makes one's own. */
export function ThemeButton() {
  const [own, setOwn] = useState(recall('theme'));
  const [system, setSystem] = useState(dark.matches);
  useEffect(() => {
    const follow = () => setSystem(dark.matches);
    dark.addEventListener('change', follow);
    return () => dark.removeEventListener('change', follow);
  }, []);
  const isDark = own === undefined ? system : own === 'dark';
  useEffect(() => {
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
  }, [isDark]);
  const toggle = () => {
    const next = isDark ? 'light' : 'dark';
    remember('theme', next);
    setOwn(next);
  };
  return (
    <button type="button" class="entry" onClick={toggle}>
      <Icon name={isDark ? 'sun' : 'moon'} size={16} /> {isDark ? 'Light mode' : 'Dark mode'}
    </button>
  );
}
