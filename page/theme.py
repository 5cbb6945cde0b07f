"""The theme of gradio's own components; it uses system fonts, so that no font is fetched."""

from __future__ import annotations

from gradio.themes import Base, Size

from page.colours import COLOURS, PAPER, TEAL

RADIUS = Size(name="radius_soft", xxs="3px", xs="4px", sm="6px", md="8px", lg="10px", xl="14px", xxl="18px")
SANS = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif")
MONO = ("ui-monospace", "SF Mono", "Cascadia Mono", "Menlo", "Consolas", "monospace")


# gradio's names for what the theme colours and shapes; `*` refers to a hue's shade or a size.
LOOKS = {
    "body_background_fill": "*neutral_50",
    "body_background_fill_dark": "*neutral_950",
    "body_text_color": "*neutral_800",
    "body_text_color_dark": COLOURS["ink"].dark,
    "body_text_color_subdued": "*neutral_500",
    "body_text_color_subdued_dark": COLOURS["quiet"].dark,
    "background_fill_primary": "white",
    "background_fill_primary_dark": "*neutral_900",
    "background_fill_secondary": "*neutral_50",
    "background_fill_secondary_dark": "*neutral_800",
    "border_color_primary": "*neutral_200",
    "border_color_primary_dark": COLOURS["line"].dark,
    "color_accent": "*primary_600",
    "color_accent_soft": "*primary_50",
    "color_accent_soft_dark": "*primary_900",
    "link_text_color": "*primary_600",
    "link_text_color_dark": "*primary_300",
    "block_background_fill": "white",
    "block_background_fill_dark": "*neutral_900",
    "block_border_color": "*neutral_200",
    "block_border_color_dark": COLOURS["line"].dark,
    "block_border_width": "1px",
    "block_shadow": "none",
    "block_radius": "*radius_lg",
    "block_label_background_fill": "transparent",
    "block_label_background_fill_dark": "transparent",
    "block_label_border_width": "0px",
    "block_label_text_color": "*neutral_500",
    "block_label_text_color_dark": COLOURS["quiet"].dark,
    "block_label_text_weight": "500",
    "block_title_text_color": COLOURS["title"].light,
    "block_title_text_color_dark": COLOURS["title"].dark,
    "block_title_text_weight": "500",
    "block_info_text_color": "*neutral_500",
    "block_info_text_color_dark": COLOURS["quiet"].dark,
    "input_background_fill": "white",
    "input_background_fill_dark": "*neutral_800",
    "input_border_width": "1px",
    "input_border_width_dark": "1px",
    "input_border_color": COLOURS["edge"].light,
    "input_border_color_dark": COLOURS["edge"].dark,
    "input_border_color_focus": "*primary_500",
    "input_border_color_focus_dark": "*primary_400",
    "input_placeholder_color": "*neutral_500",
    "input_placeholder_color_dark": COLOURS["quiet"].dark,
    "button_large_radius": "*radius_lg",
    "button_large_text_weight": "600",
    "button_small_radius": "*radius_md",
    "button_small_text_weight": "500",
    "button_primary_background_fill": "*primary_600",
    "button_primary_background_fill_hover": "*primary_700",
    "button_primary_background_fill_dark": "*primary_300",
    "button_primary_background_fill_hover_dark": "*primary_200",
    "button_primary_text_color": "white",
    "button_primary_text_color_dark": "*neutral_950",
    "button_secondary_background_fill": "white",
    "button_secondary_background_fill_hover": "*neutral_100",
    "button_secondary_background_fill_dark": "*neutral_800",
    "button_secondary_background_fill_hover_dark": "*neutral_700",
    "button_secondary_border_color": COLOURS["edge"].light,
    "button_secondary_border_color_dark": COLOURS["edge"].dark,
    "button_secondary_border_color_hover": COLOURS["edge"].light,
    "button_secondary_border_color_hover_dark": COLOURS["edge"].dark,
    "button_secondary_text_color": "*neutral_700",
    "button_secondary_text_color_dark": COLOURS["ink"].dark,
    "button_border_width": "1px",
    "checkbox_border_color": COLOURS["edge"].light,
    "checkbox_border_color_dark": COLOURS["edge"].dark,
    "checkbox_background_color_selected_dark": "*primary_500",
    "checkbox_label_border_color": COLOURS["edge"].light,
    "checkbox_label_border_color_dark": COLOURS["edge"].dark,
    "checkbox_label_border_color_selected": "*primary_600",
    "checkbox_label_border_color_selected_dark": "*primary_300",
    "checkbox_background_color_dark": "*neutral_900",
    "table_even_background_fill": "white",
    "table_even_background_fill_dark": "*neutral_900",
    "table_odd_background_fill": "*neutral_50",
    "table_odd_background_fill_dark": "*neutral_950",
    "table_border_color": "*neutral_200",
    "table_border_color_dark": COLOURS["line"].dark,
}


class WordlightTheme(Base):
    """Base with our colours, system fonts and soft corners, light and dark."""

    def __init__(self) -> None:
        super().__init__(
            primary_hue=TEAL,
            secondary_hue=TEAL,
            neutral_hue=PAPER,
            radius_size=RADIUS,
            font=SANS,
            font_mono=MONO,
        )
        self.name = "wordlight"
        self.set(**LOOKS)
