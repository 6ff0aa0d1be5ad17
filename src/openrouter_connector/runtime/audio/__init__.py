"""Audio that is too long for one request: cut at silences on the way in, joined on the way out.

    probe      what a file is, before anything is paid for      (inspect does the work)
    split      a file in parts, cut at silences                 (cut, silence, flac)
    join       parts as one file                                (remux)
    timeline   the segments of all parts; subtitles writes them as SRT and WebVTT
    wav        the header of a WAV file

probe, split and join need the extra `audio`. They import PyAV and NumPy when they are called.
"""
