/** The page's colours, resolved for canvases: they cannot read custom properties themselves. */
export interface Theme {
  readonly dark: boolean;
  readonly background: string;
  readonly surface: string;
  readonly raised: string;
  readonly text: string;
  readonly muted: string;
  readonly border: string;
  readonly accent: string;
  readonly accentText: string;
  readonly danger: string;
  readonly warn: string;
  readonly font: string;
  readonly mono: string;
}

const COLOURS = {
  background: "var(--bg, #f6f7f9)",
  surface: "var(--surface, #ffffff)",
  raised: "var(--surface-2, #eef0f3)",
  text: "var(--text, #1b2027)",
  muted: "var(--muted, #56606c)",
  border: "var(--border, #d3d8de)",
  accent: "var(--accent, #0b5fb0)",
  accentText: "var(--accent-text, #ffffff)",
  danger: "var(--danger, #b3261e)",
  warn: "var(--warn, #8a5a00)",
} as const;

function luminance(colour: string): number {
  const canvas = document.createElement("canvas");
  canvas.width = 1;
  canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return 1;
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}

export function readTheme(host: HTMLElement): Theme {
  const probe = document.createElement("span");
  probe.hidden = true;
  host.append(probe);
  const style = getComputedStyle(probe);
  const colours = Object.fromEntries(
    Object.entries(COLOURS).map(([name, value]) => {
      probe.style.color = value;
      return [name, style.color];
    }),
  ) as Record<keyof typeof COLOURS, string>;
  probe.style.fontFamily = "var(--font, system-ui, sans-serif)";
  const font = style.fontFamily;
  probe.style.fontFamily = "var(--font-mono, ui-monospace, monospace)";
  const mono = style.fontFamily;
  probe.remove();
  return { ...colours, font, mono, dark: luminance(colours.background) < 0.4 };
}

/** Seven hues that colour-blind people tell apart on either ground; for lines, not for meaning. */
const LINES_LIGHT = ["#0067a5", "#b8430f", "#00735a", "#9c3f76", "#9a5f00", "#4f4aa8", "#56606c"];
const LINES_DARK = ["#56b4e9", "#ff8a5c", "#2cc69b", "#e28cc2", "#e69f00", "#a5a0f0", "#a7b0bc"];

export function lineColour(theme: Theme, index: number): string {
  const lines = theme.dark ? LINES_DARK : LINES_LIGHT;
  return lines[index % lines.length]!;
}
