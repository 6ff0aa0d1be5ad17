// What this browser remembers. A full storage refuses new texts; the page works without them.

/** Keep a text; null forgets it. Returns false if the browser has no room. */
export function remember(key: string, text: string | null): boolean {
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
    return true;
  } catch {
    return false;
  }
}

export const remembered = (key: string): string | null => localStorage.getItem(key);
