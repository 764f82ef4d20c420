/** A canvas as large as its box in device pixels, drawn on in CSS pixels. */
export class Surface {
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
  width = 0;
  height = 0;
  private ratio = 1;

  constructor(className: string) {
    this.canvas = document.createElement("canvas");
    this.canvas.className = className;
    this.canvas.setAttribute("aria-hidden", "true");
    const context = this.canvas.getContext("2d");
    if (!context) throw new Error("This browser draws no canvases.");
    this.context = context;
  }

  get pixelRatio(): number {
    return this.ratio;
  }

  /** True when the size has changed, which also wipes the canvas. */
  fit(width: number, height: number): boolean {
    const ratio = window.devicePixelRatio || 1;
    if (width === this.width && height === this.height && ratio === this.ratio) return false;
    this.width = width;
    this.height = height;
    this.ratio = ratio;
    this.canvas.width = Math.max(1, Math.round(width * ratio));
    this.canvas.height = Math.max(1, Math.round(height * ratio));
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    return true;
  }

  /** A wiped canvas in CSS pixels. */
  begin(): CanvasRenderingContext2D {
    this.context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    this.context.clearRect(0, 0, this.width, this.height);
    return this.context;
  }

  /** The middle of the device pixel nearest to x, for crisp hairlines. */
  crisp(x: number): number {
    return (Math.round(x * this.ratio - 0.5) + 0.5) / this.ratio;
  }
}
