import type { Facts } from './case.js';

/** The case, and then nothing of it is left. */
export async function atSite<Site extends { close(): Promise<void> }>(
  site: Site,
  act: (site: Site) => Promise<Facts>,
): Promise<Facts> {
  try {
    return await act(site);
  } finally {
    await site.close();
  }
}
