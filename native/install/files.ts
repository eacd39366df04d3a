/** One file of a system-wide installation. */
export interface InstalledFile {
  /** Below dist/. */
  readonly from: string;
  /** Below the prefix. */
  readonly to: string;
  readonly mode: number;
}

export const installedFiles: readonly InstalledFile[] = [
  { from: 'runts', to: 'bin/runts', mode: 0o755 },
  { from: 'runts.8', to: 'share/man/man8/runts.8', mode: 0o644 },
  { from: 'completion/runts.bash', to: 'share/bash-completion/completions/runts', mode: 0o644 },
  { from: 'completion/_runts', to: 'share/zsh/site-functions/_runts', mode: 0o644 },
];

/** Names the folders that installing made: uninstalling leaves those that it found. */
export const manifestFile = 'share/runts/folders.json';
