"""The GLSL of the scenes (version 1.20, the oldest that desktop OpenGL still gives everywhere)."""

from __future__ import annotations

# Colours of bins: a small table of RGBA8, `u_table_size` wide and high, row after row.
TABLE = """
uniform sampler2D u_table;
uniform vec2 u_table_size;
vec4 color_of_bin(float bin) {
    float row = floor((bin + 0.5) / u_table_size.x);
    float column = bin - row * u_table_size.x;
    return texture2D(u_table, (vec2(column, row) + 0.5) / u_table_size);
}
"""

BIN_MESH_VERTEX = (
    TABLE
    + """
uniform mat4 u_matrix;
uniform mat3 u_turn;
attribute vec3 a_position;
attribute float a_bin;
varying vec4 v_color;
varying float v_facing;
void main() {
    gl_Position = u_matrix * vec4(a_position, 1.0);
    v_facing = (u_turn * a_position).z;
    v_color = color_of_bin(a_bin);
}
"""
)

BIN_MESH_FRAGMENT = """
uniform float u_opacity;
uniform vec4 u_cover;
varying vec4 v_color;
varying float v_facing;
void main() {
    float shade = 0.74 + 0.26 * smoothstep(0.0, 0.85, v_facing);
    vec3 color = mix(v_color.rgb, u_cover.rgb, u_cover.a);
    gl_FragColor = vec4(color * shade, u_opacity);
}
"""

# Lit solids: bars (colour by bin) and surfaces (one colour), lit at their vertices because bars
# cover one another many times over.
SOLID_VERTEX = (
    TABLE
    + """
uniform mat4 u_matrix;
uniform mat3 u_turn;
uniform vec4 u_color;
attribute vec3 a_position;
attribute vec3 a_normal;
attribute float a_bin;
varying vec3 v_color;
void main() {
    gl_Position = u_matrix * vec4(a_position, 1.0);
    vec3 normal = u_turn * a_normal;
    float head = max(normal.z, 0.0);
    float side = max(dot(normal, vec3(-0.503, 0.704, 0.503)), 0.0);
    vec4 color = a_bin < 0.0 ? u_color : color_of_bin(a_bin);
    v_color = color.rgb * (0.38 + 0.47 * head + 0.22 * side);
}
"""
)

SOLID_FRAGMENT = """
varying vec3 v_color;
void main() {
    gl_FragColor = vec4(v_color, 1.0);
}
"""

# A line piece is a quad in pixels around its two ends; the fragment's distance to the piece
# gives an even edge and round joins without multisampling.
LINE_VERTEX = """
uniform mat4 u_matrix;
uniform vec2 u_half_view;
uniform float u_width;
attribute vec3 a_start;
attribute vec3 a_end;
attribute vec2 a_corner;
varying vec2 v_place;
varying float v_length;
varying vec3 v_seen;
void main() {
    vec4 start = u_matrix * vec4(a_start, 1.0);
    vec4 end = u_matrix * vec4(a_end, 1.0);
    vec2 from = start.xy * u_half_view;
    vec2 to = end.xy * u_half_view;
    v_length = distance(from, to);
    vec2 along = v_length > 1e-4 ? (to - from) / v_length : vec2(1.0, 0.0);
    vec2 across = vec2(-along.y, along.x);
    float reach = 0.5 * u_width + 1.0;
    v_place = vec2(mix(-reach, v_length + reach, a_corner.x), a_corner.y * reach);
    vec2 pixel = from + along * v_place.x + across * v_place.y;
    float depth = mix(start.z, end.z, a_corner.x);
    v_seen = vec3(pixel, depth);
    gl_Position = vec4(pixel / u_half_view, depth - 0.002, 1.0);
}
"""

LINE_FRAGMENT = """
uniform vec4 u_color;
uniform float u_width;
uniform float u_occluder;
varying vec2 v_place;
varying float v_length;
varying vec3 v_seen;
void main() {
    if (v_seen.z > 0.0 && length(v_seen.xy) < u_occluder) discard;
    float past = v_place.x - clamp(v_place.x, 0.0, v_length);
    float away = length(vec2(past, v_place.y));
    float cover = clamp(0.5 * u_width + 0.5 - away, 0.0, 1.0);
    if (cover <= 0.0) discard;
    gl_FragColor = vec4(u_color.rgb, u_color.a * cover);
}
"""

# Chart: an index image (24 bit in RGB, white outside) looked up in the colour table, averaged over
# the texels of a pixel.
CHART_VERTEX = """
uniform mat4 u_matrix;
attribute vec2 a_position;
attribute vec2 a_texel;
varying vec2 v_texel;
void main() {
    gl_Position = u_matrix * vec4(a_position, 0.0, 1.0);
    v_texel = a_texel;
}
"""

CHART_FRAGMENT = (
    TABLE
    + """
uniform sampler2D u_index;
uniform vec2 u_step;
varying vec2 v_texel;
vec4 sample_at(vec2 place) {
    vec4 code = floor(texture2D(u_index, place) * 255.0 + 0.5);
    float bin = code.r + 256.0 * code.g + 65536.0 * code.b;
    return code.a < 0.5 ? vec4(0.0) : vec4(color_of_bin(bin).rgb, 1.0);
}
void main() {
    vec4 sum = sample_at(v_texel + u_step * vec2(-0.25, -0.25))
             + sample_at(v_texel + u_step * vec2(0.25, -0.25))
             + sample_at(v_texel + u_step * vec2(-0.25, 0.25))
             + sample_at(v_texel + u_step * vec2(0.25, 0.25));
    gl_FragColor = vec4(sum.rgb / max(sum.a, 1.0), sum.a / 4.0);
}
"""
)

# Labels: luminance is the coverage of the letters, alpha that of their halo.
LABEL_VERTEX = """
uniform vec2 u_half_view;
attribute vec2 a_pixel;
attribute vec2 a_texel;
attribute vec4 a_color;
attribute vec4 a_halo;
varying vec2 v_texel;
varying vec4 v_color;
varying vec4 v_halo;
void main() {
    gl_Position = vec4((a_pixel / u_half_view - 1.0) * vec2(1.0, -1.0), -0.99, 1.0);
    v_texel = a_texel;
    v_color = a_color;
    v_halo = a_halo;
}
"""

LABEL_FRAGMENT = """
uniform sampler2D u_atlas;
varying vec2 v_texel;
varying vec4 v_color;
varying vec4 v_halo;
void main() {
    vec4 cover = texture2D(u_atlas, v_texel);
    float letter = v_color.a * cover.r;
    float halo = v_halo.a * cover.a * (1.0 - letter);
    float alpha = letter + halo;
    gl_FragColor = vec4((v_color.rgb * letter + v_halo.rgb * halo) / max(alpha, 1e-3), alpha);
}
"""
